import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type AnyFileField, type FieldFile, file } from '@fieldfile/core';
import { FileSystemStorage } from '@fieldfile/fs';
import { buildVariants, ImageVariants, sharpProcessor } from '@fieldfile/image/node';
import { PgBossQueue } from '@fieldfile/image/pg-boss';
import { fileColumn, MikroOrmFiles } from '@fieldfile/mikro-orm';
import { type PostgresServer, startPostgres } from '@fieldfile/test-servers/postgres';
import { defineEntity, MikroORM, p } from '@mikro-orm/postgresql';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VariantJob } from '../../src/queue/variant-queue.ts';
import { image } from '../images.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { openKysely, photoField, QUEUE_NAME } from './world.ts';

const PICTURE = new Uint8Array(await image('png', { width: 40, height: 20 }));
const TIMEOUT_MS = 50_000;

const folder = temporaryFolder();
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  folder.remove();
});

/** Rows as one library writes them. */
interface Rows extends AsyncDisposable {
  readonly field: AnyFileField;
  /** A row with an image. */
  insert(name: string): Promise<number>;
  /** Gives the row another image, by `handle.save`. */
  save(id: number, name: string): Promise<void>;
  /** In one that is open, a savepoint. */
  transaction(work: () => Promise<void>): Promise<void>;
}

interface World extends AsyncDisposable {
  readonly url: string;
  readonly media: FileSystemStorage;
  readonly boss: PgBoss;
  readonly queue: PgBossQueue;
  readonly rows: Rows;
  /** What waits. */
  jobs(): Promise<readonly VariantJob[]>;
  built(): Promise<readonly string[]>;
}

type OpenRows = (url: string, folder: string, queue: PgBossQueue) => Promise<Rows>;

let counter = 0;

async function openWorld(open: OpenRows): Promise<World> {
  const url = await server.createDatabase();
  const own = join(folder.path, `${counter++}`);
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  await client.query('CREATE TABLE photos (id serial PRIMARY KEY, image varchar(100))');
  const soon = { superviseIntervalSeconds: 1, monitorIntervalSeconds: 1 };
  const boss = await new PgBoss({ connectionString: url, schedule: false, ...soon }).start();
  boss.on('error', () => {});
  const queue = new PgBossQueue(boss, { name: QUEUE_NAME, queue: { expireInSeconds: 1 } });
  const rows = await open(url, own, queue);
  const media = new FileSystemStorage({ root: join(own, 'media') });
  return {
    ...{ url, media, boss, queue, rows },
    async jobs() {
      const found = await client.query('SELECT data FROM pgboss.job WHERE name = $1 ORDER BY created_on', [
        QUEUE_NAME,
      ]);
      return found.rows.map(({ data }) => data);
    },
    async built() {
      const names: string[] = [];
      for await (const { name } of media.list('fieldfile-derived/')) names.push(name);
      return names.filter(name => !name.endsWith('.lock'));
    },
    async [Symbol.asyncDispose]() {
      await boss.stop({ graceful: false });
      await rows[Symbol.asyncDispose]();
      await client.end();
    },
  };
}

const ofKysely: OpenRows = async (url, folder, queue) => {
  const { files, photos, close } = openKysely(url, folder, queue);
  return {
    field: photos.fields.image,
    insert: async name => (await photos.insert({ image: file(PICTURE, name) })).id,
    async save(id, name) {
      const handle = photos.fields.image.of((await photoRow(url, id)) as never);
      await handle.save(PICTURE, { name });
    },
    transaction: work => files.transaction(work),
    [Symbol.asyncDispose]: close,
  };
};

async function ask(url: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const photoRow = async (url: string, id: number): Promise<unknown> =>
  (await ask(url, `SELECT id, image FROM photos WHERE id = ${id}`))[0];

const ofMikroOrm: OpenRows = async (url, folder, queue) => {
  class Photo {
    declare id: number;
    declare image: FieldFile<Photo>;
  }
  const properties = { id: p.integer().primary(), image: fileColumn({ length: 100 }) };
  const entity = defineEntity({ class: Photo, tableName: 'photos', properties });
  const files = new MikroOrmFiles();
  const fields = files.define(Photo, { image: photoField(folder, queue) as never });
  const orm = await MikroORM.init({
    entities: [entity],
    clientUrl: url,
    dbName: new URL(url).pathname.slice(1),
    pool: { max: 3 },
  });
  files.attach(orm);
  let current = orm.em.fork();
  return {
    field: fields.image as AnyFileField,
    async insert(name) {
      const photo = current.create(Photo, { image: file(PICTURE, name) } as never);
      await current.flush();
      return photo.id;
    },
    async save(id, name) {
      const photo = await current.findOneOrFail(Photo, id as never);
      await photo.image.save(PICTURE, { name });
    },
    async transaction(work) {
      const outer = current;
      try {
        await outer.transactional(async em => {
          current = em as never;
          await work();
        });
      } finally {
        current = outer;
      }
    },
    [Symbol.asyncDispose]: () => orm.close(),
  };
};

describe.each([
  ['Kysely', ofKysely],
  ['MikroORM', ofMikroOrm],
] as const)('jobs of pg-boss with %s on PostgreSQL', (_, open) => {
  test('are there with the row’s commit, also of a handle’s save, and a worker does them', async () => {
    await using world = await openWorld(open);
    const { rows, jobs, built, queue } = world;
    const id = await rows.insert('a.png');
    await rows.transaction(async () => {
      await rows.save(id, 'b.png');
      expect((await jobs()).map(({ name }) => name)).toEqual(['a.png']);
    });
    const waiting = await jobs();
    expect(waiting.map(({ name }) => name)).toEqual(['a.png', 'b.png']);
    expect(waiting[1]?.key).toEqual({ id });
    const variants = new ImageVariants({ processor: sharpProcessor() });
    const stop = await queue.work(
      { variants, fields: [rows.field] },
      { concurrency: 2, pollingIntervalSeconds: 0.5 },
    );
    await expect.poll(async () => (await built()).length, { timeout: TIMEOUT_MS }).toBe(2);
    await stop();
    expect((await built()).every(name => name.startsWith('fieldfile-derived/b.png/'))).toBe(true);
  });

  test('are not there for what was rolled back: the transaction, or a savepoint in one that is committed', async () => {
    await using world = await openWorld(open);
    const { rows, jobs } = world;
    const id = await rows.insert('a.png');
    const other = await rows.insert('b.png');
    const failing = async (work: () => Promise<void>): Promise<void> => {
      await expect(
        rows.transaction(async () => {
          await work();
          throw new Error('rolled back');
        }),
      ).rejects.toThrow('rolled back');
    };
    await failing(() => rows.save(id, 'c.png'));
    expect(await jobs()).toHaveLength(2);
    await rows.transaction(async () => {
      await rows.save(id, 'd.png');
      await failing(() => rows.save(other, 'e.png'));
    });
    expect((await jobs()).map(({ name }) => name)).toEqual(['a.png', 'b.png', 'd.png']);
  });

  test('that cannot be written keep the row from its file', async () => {
    await using world = await openWorld(open);
    const { rows, jobs, url, media } = world;
    const id = await rows.insert('a.png');
    await ask(
      url,
      `ALTER TABLE pgboss.job_common ADD CONSTRAINT is_full CHECK (name <> '${QUEUE_NAME}') NOT VALID`,
    );
    await expect(rows.save(id, 'b.png')).rejects.toThrow();
    expect(await photoRow(url, id)).toEqual({ id, image: 'a.png' });
    expect(await jobs()).toHaveLength(1);
    expect(await media.exists('b.png')).toBe(false);
  });

  test('of a file that was replaced before they are done do nothing, and done twice no harm', async () => {
    await using world = await openWorld(open);
    const { rows, jobs, built } = world;
    const id = await rows.insert('a.png');
    await rows.save(id, 'b.png');
    const [old, current] = await jobs();
    if (!old || !current) throw new Error('There are no jobs.');
    const work = { variants: new ImageVariants({ processor: sharpProcessor() }), fields: [rows.field] };
    expect(await buildVariants(old, work)).toBe(false);
    expect(await built()).toEqual([]);
    const again = { ...work, variants: new ImageVariants({ processor: sharpProcessor() }) };
    expect(await Promise.all([buildVariants(current, work), buildVariants(current, again)])).toEqual([
      true,
      true,
    ]);
    expect(await built()).toHaveLength(2);
  });
});

describe('a worker of pg-boss on PostgreSQL', () => {
  test('that is killed in the midst of a job leaves it to another one', async () => {
    await using world = await openWorld(ofKysely);
    const { url, rows, queue, built } = world;
    await rows.insert('a.png');
    const program = fileURLToPath(new URL('./worker.ts', import.meta.url));
    const flags = ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'];
    const worker = spawn(process.execPath, [...flags, program, url, join(folder.path, `${counter - 1}`)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [text] = await once(worker.stdout, 'data');
    expect(String(text)).toContain('It has begun.');
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    const variants = new ImageVariants({ processor: sharpProcessor(), lockSeconds: 1 });
    await queue.work({ variants, fields: [rows.field] }, { pollingIntervalSeconds: 0.5 });
    await expect.poll(async () => (await built()).length, { timeout: TIMEOUT_MS }).toBe(2);
  });

  test('does not try again what cannot be decoded', async () => {
    await using world = await openWorld(ofKysely);
    const { url, rows, queue } = world;
    await rows.insert('a.png');
    let tries = 0;
    const variants = new ImageVariants({
      processor: {
        async process(job) {
          tries++;
          return sharpProcessor({ maxPixels: 10 }).process(job);
        },
      },
    });
    await queue.work({ variants, fields: [rows.field] }, { pollingIntervalSeconds: 0.5 });
    const state = async (): Promise<unknown> => (await ask(url, 'SELECT state FROM pgboss.job'))[0]?.state;
    await expect.poll(state, { timeout: TIMEOUT_MS }).toBe('completed');
    expect(tries).toBe(1);
  });
});
