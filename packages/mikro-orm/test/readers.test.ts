import { type FieldFile, file } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { EntitySchema, MemoryCacheAdapter } from '@mikro-orm/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fileColumn, MikroOrmFiles, type MikroOrmFilesOptions } from '../src/index.ts';
import { databases, type OpenPhotos } from './photo-orm.ts';

const all = databases();
const openPostgres = all[1][1];

/** A class with a file, on an ORM with these options. */
async function documents(
  open: OpenPhotos,
  ormOptions: object,
  filesOptions: (opened: Awaited<ReturnType<OpenPhotos>>) => Promise<MikroOrmFilesOptions>,
) {
  class Document {
    declare id: number;
    declare title: string;
    declare scan: FieldFile<Document>;
  }
  const entity = new EntitySchema<Document>({
    class: Document,
    tableName: 'scans',
    properties: {
      id: { type: 'integer', primary: true },
      title: { type: 'text', default: 'untitled' },
      scan: fileColumn(),
    },
  });
  const opened = await open();
  const storage = new MemoryStorage();
  const files = new MikroOrmFiles(await filesOptions(opened));
  const { scan } = files.define(Document, {
    scan: { storage, uploadTo: (row, name) => `${row.title}/${name}` },
  });
  const orm = await opened.connect({ entities: [entity], ...ormOptions });
  files.attach(orm);
  const { sql } = opened;
  await sql('DROP TABLE IF EXISTS scans');
  await sql(
    `CREATE TABLE scans (id integer PRIMARY KEY, title varchar(100) DEFAULT 'untitled', scan varchar(100))`,
  );
  const names = async () => (await Array.fromAsync(storage.list())).map(({ name }) => name as string).sort();
  const insert = async (id: number, title: string) => {
    const em = orm.em.fork();
    const row = em.create(Document, { id, title, scan: file(title, `${id}.txt`) });
    await em.flush();
    return row;
  };
  return { Document, scan, orm, sql, names, insert };
}

describe.each(all)('what is asked of rows, on %s', (_, open) => {
  test('a result cache of all queries answers no question about files', async () => {
    const { Document, scan, orm, sql, insert, names } = await documents(
      open,
      { resultCache: { global: 60_000, adapter: MemoryCacheAdapter, options: {} } },
      async ({ journal }) => ({ journal }),
    );
    await insert(1, 'one');
    const other = await insert(2, 'two');
    const em = orm.em.fork();
    const row = await em.findOneOrFail(Document, 1);
    expect((await scan.byKey({ id: 1 } as never)).name).toBe('one/1.txt');
    row.scan = file('new', 'new.txt');
    await em.flush();
    row.scan = file('newer', 'newer.txt');
    await em.flush();
    await row.scan.save('newest', { name: 'newest.txt' });
    expect((await scan.byKey({ id: 1 } as never)).name).toBe('one/newest.txt');
    await sql(`UPDATE scans SET title = 'renamed' WHERE id = 1`);
    const reference = { model: 'Document', field: 'scan', name: 'one/newest.txt', key: { id: 1 } };
    await scan.revive(reference).save('x', { name: 'x.txt' });
    expect(await names()).toEqual(['renamed/x.txt', 'two/2.txt']);
    await sql(`UPDATE scans SET scan = 'two/2.txt' WHERE id = 1`);
    await other.scan.delete();
    expect(await names()).toContain('two/2.txt');
    const fork = orm.em.fork();
    await fork.remove(await fork.findOneOrFail(Document, 1, { cache: false })).flush();
    expect(await names()).toEqual(['renamed/x.txt']); // SQL has left it alone
  });
});

test('a replica that lags behind is asked nothing about files', async () => {
  const { Document, scan, orm, sql, insert, names } = await documents(
    openPostgres,
    { replicas: [{ name: 'replica', dbName: 'nowhere', clientUrl: 'postgresql://127.0.0.1:1/nowhere' }] },
    async ({ journal }) => ({ journal }),
  );
  await insert(1, 'one');
  const em = orm.em.fork();
  await expect(em.findOne(Document, 1)).rejects.toThrow(); // reads go there
  expect((await scan.byKey({ id: 1 } as never)).name).toBe('one/1.txt');
  const row = await em.findOneOrFail(Document, 1, { connectionType: 'write' });
  row.scan = file('new', 'new.txt');
  await em.flush();
  await sql(`UPDATE scans SET title = 'renamed'`);
  const reference = { model: 'Document', field: 'scan', name: 'one/new.txt', key: { id: 1 } };
  await scan.revive(reference).save('x', { name: 'x.txt' });
  expect(await names()).toEqual(['renamed/x.txt']);
  await row.scan.save('y', { name: 'y.txt' }).catch(() => {});
  await em.refresh(row, { connectionType: 'write' });
  await em.remove(row).flush();
  expect(await names()).toEqual([]);
});

test.each(['an ORM', 'an entity manager', 'nothing'])(
  'with row-level security and %s as the reader',
  async given => {
    const { Document, orm, sql, names } = await documents(
      openPostgres,
      { user: 'app', password: 'app' },
      async ({ sql, journal, connect }) => {
        await sql(`CREATE ROLE app LOGIN PASSWORD 'app'`);
        const reader = await connect({ pool: { max: 1 } });
        if (given === 'nothing') return { journal };
        return { journal, reader: given === 'an ORM' ? reader : reader.em };
      },
    );
    onTestFinished(async () => {
      await sql('DROP TABLE scans');
      await sql('DROP OWNED BY app');
      await sql('DROP ROLE app');
    });
    await sql('GRANT ALL ON scans, fieldfile_journal TO app');
    await sql('ALTER TABLE scans ENABLE ROW LEVEL SECURITY');
    await sql(`CREATE POLICY tenant ON scans USING (title = current_setting('app.tenant', true))`);
    await sql(`INSERT INTO scans (id, title, scan) VALUES (2, 'two', 'one/1.txt')`);
    await orm.em.transactional(async em => {
      await em.execute(`SELECT set_config('app.tenant', 'one', true)`);
      await em
        .persist(Object.assign(new Document(), { id: 1, title: 'one', scan: file('one', '1.txt') }))
        .flush();
    });
    await orm.em.transactional(async em => {
      await em.execute(`SELECT set_config('app.tenant', 'one', true)`);
      expect(await em.count(Document)).toBe(1);
      await (await em.findOneOrFail(Document, 1)).scan.save('new', { name: 'new.txt' });
    });
    expect(await names()).toEqual(given === 'nothing' ? ['one/new.txt'] : ['one/1.txt', 'one/new.txt']);
  },
);
