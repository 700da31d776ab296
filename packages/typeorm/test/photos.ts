import { type FieldFile, file, type Storage } from '@fieldfile/core';
import { journalTable, SqlJournal } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import {
  DataSource,
  type DataSourceOptions,
  EntitySchema,
  type EntitySubscriberInterface,
  type Repository,
} from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { fileColumn, TypeormFiles, type TypeormFilesOptions } from '../src/index.ts';
import { sqlExecutor } from '../src/sql-executor.ts';
import { LibsqlDriver } from './libsql-driver.ts';

export const sqlite: DataSourceOptions = {
  type: 'better-sqlite3',
  driver: LibsqlDriver,
  database: ':memory:',
};

export interface PhotosOptions extends Omit<TypeormFilesOptions, 'journal'> {
  readonly subscriber?: EntitySubscriberInterface;
}

export interface AlbumRow {
  id: number;
  photos: PhotoRow[];
}

export interface PhotoRow {
  id: number;
  title: string | null;
  image: FieldFile;
  rating: number;
  createdAt: Date;
  version: number;
  album: AlbumRow;
}

export interface Photos extends AsyncDisposable {
  readonly dataSource: DataSource;
  readonly files: TypeormFiles;
  readonly repository: Repository<PhotoRow>;
  readonly albums: Repository<AlbumRow>;
  readonly journal: SqlJournal;
  /** What was sent, to whatever connection. */
  readonly statements: string[];
  /** A photo with a file of that name and content. */
  make(name: string): PhotoRow;
  saved(name: string): Promise<PhotoRow>;
  /** The names in the rows. */
  rows(): Promise<(string | null)[]>;
  objects(): Promise<string[]>;
  /** What the journal has to do. */
  entries(): Promise<readonly object[]>;
}

/** Albums and photos in a database; in PostgreSQL with a journal. */
export async function openPhotos(
  options: DataSourceOptions = sqlite,
  { subscriber, ...filesOptions }: PhotosOptions = {},
): Promise<Photos> {
  const storage = new MemoryStorage();
  // Classes of their own, since every data source declares their files.
  class Album implements AlbumRow {
    declare id: number;
    declare photos: Photo[];
  }
  class Photo implements PhotoRow {
    declare id: number;
    declare title: string | null;
    declare image: FieldFile;
    declare rating: number;
    declare createdAt: Date;
    declare version: number;
    declare album: Album;
  }
  const id = { type: 'integer', primary: true, generated: true } as const;
  const albums = new EntitySchema<Album>({
    name: 'Album',
    target: Album,
    columns: { id },
    relations: { photos: { type: 'one-to-many', target: 'Photo', inverseSide: 'album', cascade: true } },
  });
  const photos = new EntitySchema<Photo>({
    name: 'Photo',
    target: Photo,
    columns: {
      id,
      title: { type: 'varchar', nullable: true },
      image: fileColumn(),
      rating: { type: 'integer', default: 5 },
      createdAt: { type: Date, createDate: true },
      version: { type: 'integer', version: true },
    },
    relations: { album: { type: 'many-to-one', target: 'Album', inverseSide: 'photos', nullable: true } },
  });
  const statements: string[] = [];
  const dataSource = new DataSource({
    ...options,
    entities: [albums, photos],
    synchronize: true,
    logger: {
      logQuery: statement => void statements.push(statement),
      logQueryError() {},
      logQuerySlow() {},
      logSchemaBuild() {},
      logMigration() {},
      log() {},
    },
    logging: true,
  });
  const inPostgres = options.type === 'postgres';
  const journals = new DataSource({ ...(options as PostgresDataSourceOptions), poolSize: 1 });
  const journal = new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(journals) });
  const files = new TypeormFiles(dataSource, { ...filesOptions, ...(inPostgres && { journal }) });
  files.define(Photo, { image: { storage } });
  await dataSource.initialize();
  if (subscriber) dataSource.subscribers.push(subscriber);
  if (inPostgres) await journals.initialize();
  if (inPostgres) for (const statement of journalTable('postgresql')) await journals.query(statement);
  const repository: Repository<PhotoRow> = dataSource.getRepository(Photo);
  const make = (name: string): PhotoRow => repository.create({ image: file(name, name) });
  return {
    dataSource,
    files,
    repository,
    albums: dataSource.getRepository(Album),
    journal,
    statements,
    make,
    saved: name => repository.save(make(name)),
    rows: async () => (await repository.find({ order: { id: 'ASC' } })).map(({ image }) => image.name),
    objects: () => names(storage),
    entries: async () => (inPostgres ? journal.entries() : []),
    async [Symbol.asyncDispose]() {
      await dataSource.destroy();
      if (inPostgres) await journals.destroy();
    },
  };
}

async function names(storage: Storage): Promise<string[]> {
  return (await Array.fromAsync(storage.list())).map(({ name }) => name as string);
}
