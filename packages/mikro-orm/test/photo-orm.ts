import { type Declared, type FieldFile, file } from '@fieldfile/core';
import { type Journal, SqlJournal } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { type ContractDatabase, postgresContract, sqliteContract } from '@fieldfile/test-servers/databases';
import { EntitySchema } from '@mikro-orm/core';
import { MikroORM as LibSqlOrm } from '@mikro-orm/libsql';
import { MikroORM as PostgresOrm } from '@mikro-orm/postgresql';
import type { AbstractSqlDriver, MikroORM } from '@mikro-orm/sql';
import { afterAll, expect, onTestFinished } from 'vitest';
import { fileColumn, MikroOrmFiles, sqlExecutor } from '../src/index.ts';
import { releaseLost } from './release-lost.ts';

type AnyOrm = MikroORM<AbstractSqlDriver>;

/** The entity. Each ORM has a class of its own. */
export class Photo {
  declare id: number;
  declare title: string;
  declare made?: Date;
  declare version?: number;
  declare image: FieldFile<Photo>;
  declare thumb?: FieldFile<Photo>;
}

export interface PhotoOrm {
  readonly Photo: typeof Photo;
  readonly files: MikroOrmFiles;
  readonly fields: Declared<Photo, never, 'image' | 'thumb'>;
  readonly orm: AnyOrm;
  readonly journal: Journal;
  /** Another ORM on the same database. */
  connect(options?: object): Promise<AnyOrm>;
  sql(text: string): Promise<Record<string, unknown>[]>;
  /** A row with an image that has its title for a name. */
  insert(title: string): Promise<number>;
  /** The images of rows by their titles, where objects and journal agree with them. */
  images(): Promise<Record<string, unknown>>;
}

/** Opens an ORM with photos, and a journal on a connection of its own. */
export type OpenPhotos = (options?: {
  readonly poolSize?: number;
  readonly siblingWaitSeconds?: number;
  beforeAttach?(orm: AnyOrm): void;
}) => Promise<PhotoOrm>;

/** The databases that the tests of a file run on. */
export function databases(): readonly [readonly ['SQLite', OpenPhotos], readonly ['PostgreSQL', OpenPhotos]] {
  const postgres = postgresContract();
  afterAll(() => postgres[Symbol.asyncDispose]());
  return [
    ['SQLite', options => openOn(sqliteContract(), connectSqlite, options)],
    ['PostgreSQL', options => openOn(postgres.open(), connectPostgres, options)],
  ];
}

type Connect = (url: string, options: object) => Promise<AnyOrm>;

const connectSqlite: Connect = async (dbName, options) =>
  (await LibSqlOrm.init({ ...withoutWarning, ...options, dbName })) as never;

const connectPostgres: Connect = async (clientUrl, options) =>
  (await PostgresOrm.init({
    ...withoutWarning,
    driverOptions: { onPoolCreated: releaseLost },
    ...options,
    clientUrl,
    dbName: new URL(clientUrl).pathname.slice(1),
  })) as never;

const withoutWarning = { entities: [], discovery: { warnWhenNoEntities: false } };

async function openOn(
  opening: Promise<ContractDatabase>,
  connectTo: Connect,
  { poolSize = 5, siblingWaitSeconds, beforeAttach }: Parameters<OpenPhotos>[0] = {},
): Promise<PhotoOrm> {
  const database = await opening;
  onTestFinished(() => database[Symbol.asyncDispose]());
  const connect = async (options: object = {}): Promise<AnyOrm> => {
    const orm = await connectTo(database.url, options);
    onTestFinished(() => orm.close());
    return orm;
  };
  const storage = new MemoryStorage();
  const journal =
    connectTo === connectSqlite
      ? database.journal
      : new SqlJournal({
          dialect: 'postgresql',
          execute: sqlExecutor(await connect({ pool: { max: 1 } })),
        });
  const files = new MikroOrmFiles({
    journal,
    ...(siblingWaitSeconds !== undefined && { siblingWaitSeconds }),
  });
  class OwnPhoto extends Photo {}
  const fields = files.define(OwnPhoto as typeof Photo, { image: { storage }, thumb: { storage } });
  const orm = await connect({ entities: [schemaOf(OwnPhoto)], pool: { max: poolSize } });
  beforeAttach?.(orm);
  files.attach(orm);
  await orm.schema.drop();
  await orm.schema.create();
  const sql = (text: string): Promise<Record<string, unknown>[]> => orm.em.getConnection().execute(text);
  return {
    Photo: OwnPhoto,
    files,
    fields,
    orm,
    journal,
    connect,
    sql,
    async insert(title) {
      const em = orm.em.fork();
      const photo = em.create(OwnPhoto, { title, image: file(`content of ${title}`, `${title}.txt`) });
      await em.flush();
      return photo.id;
    },
    async images() {
      const rows = await sql('SELECT title, image, thumb FROM photos ORDER BY id');
      const named = rows.flatMap(({ image, thumb }) => [image, thumb]).filter(name => name !== null);
      const objects = await Array.fromAsync(storage.list());
      expect(objects.map(({ name }) => name).sort()).toEqual(named.sort());
      expect(await journal.entries()).toEqual([]);
      return Object.fromEntries(rows.map(({ title, image }) => [title, image]));
    },
  };
}

const schemaOf = (entity: typeof Photo): EntitySchema<Photo> =>
  new EntitySchema<Photo>({
    class: entity,
    tableName: 'photos',
    properties: {
      id: { type: 'integer', primary: true },
      title: { type: 'string', unique: true },
      made: { type: 'datetime', nullable: true, onCreate: () => new Date() },
      version: { type: 'integer', version: true },
      image: fileColumn(),
      thumb: fileColumn(),
    },
  });
