import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FieldFile, type FileReference, file } from '@fieldfile/core';
import { recover, sweep } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { EntitySchema } from '@mikro-orm/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fileColumn, MikroOrmFiles } from '../src/index.ts';
import { databases } from './photo-orm.ts';

const [[, openSqlite], [, openPostgres]] = databases();

/** A table in the schemas of two tenants and in the ORM's own, with a row of the same key in each. */
async function tenants(schema?: string) {
  class Invoice {
    declare id: number;
    declare title: string;
    declare scan: FieldFile<Invoice>;
  }
  const entity = new EntitySchema<Invoice>({
    class: Invoice,
    tableName: 'invoices',
    ...(schema !== undefined && { schema }),
    properties: {
      id: { type: 'integer', primary: true },
      title: { type: 'text', default: 'untitled', onUpdate: invoice => invoice.title ?? 'updated' },
      scan: fileColumn(),
    },
  });
  const { connect, sql, journal } = await openPostgres();
  const storage = new MemoryStorage();
  const files = new MikroOrmFiles({ journal });
  const { scan } = files.define(Invoice, { scan: { storage } });
  const orm = await connect({ entities: [entity] });
  files.attach(orm);
  const schemas = ['public', 'one', 'two', 'odd "schema'];
  const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  const drop = async (): Promise<void> => {
    await sql('DROP TABLE IF EXISTS invoices');
    for (const name of [...schemas.slice(1), 'other'])
      await sql(`DROP SCHEMA IF EXISTS ${quoted(name)} CASCADE`);
  };
  await drop();
  onTestFinished(drop);
  for (const name of schemas) {
    await sql(`CREATE SCHEMA IF NOT EXISTS ${quoted(name)}`);
    await sql(`CREATE TABLE ${quoted(name)}.invoices (id serial PRIMARY KEY, title text, scan varchar(100))`);
  }
  const fork = (name: string) => orm.em.fork(name === 'public' ? {} : { schema: name });
  const rows = new Map<string, Invoice>();
  for (const name of schemas) {
    const em = fork(name);
    rows.set(name, em.create(Invoice, { title: name, scan: file(`of ${name}`, `${name}.txt`) }));
    await em.flush();
  }
  const find = async (name: string): Promise<Invoice> => fork(name).findOneOrFail(Invoice, 1);
  const stored = async (): Promise<Record<string, unknown>> => {
    const names: Record<string, unknown> = {};
    for (const name of schemas) {
      const found = await sql(`SELECT scan FROM ${quoted(name)}.invoices ORDER BY id`);
      names[name] = found.map(row => row.scan).join();
    }
    const objects = await Array.fromAsync(storage.list());
    const named = new Set(Object.values(names).filter(value => value !== ''));
    expect(new Set(objects.map(({ name }) => name as string))).toEqual(named);
    expect(await journal.entries()).toEqual([]);
    return names;
  };
  return { Invoice, scan, storage, journal, orm, sql, schemas, fork, rows, find, stored };
}

const ALL = { public: 'public.txt', one: 'one.txt', two: 'two.txt', 'odd "schema': 'odd_schema.txt' };

describe.each([
  ['of no schema', undefined],
  ['of any schema', '*'],
])('an entity %s', (_, schema) => {
  test('is written, saved, cleared, refreshed and removed in the schema of its entity manager', async () => {
    const { Invoice, fork, rows, find, stored } = await tenants(schema);
    expect(await stored()).toEqual(ALL);
    for (const [name, row] of rows) await row.scan.save('saved', { name: `saved ${name}.txt` });
    expect(await stored()).toMatchObject({
      public: 'saved_public.txt',
      one: 'saved_one.txt',
      two: 'saved_two.txt',
    });
    const em = fork('two');
    const two = await em.findOneOrFail(Invoice, 1);
    two.scan = file('flushed', 'flushed.txt');
    await em.flush();
    expect(await stored()).toMatchObject({
      public: 'saved_public.txt',
      one: 'saved_one.txt',
      two: 'flushed.txt',
    });
    await (await find('one')).scan.delete();
    expect(await stored()).toMatchObject({ public: 'saved_public.txt', one: '', two: 'flushed.txt' });
    await (await find('two')).scan.save('newer', { name: 'newer.txt' });
    two.scan = file('dropped', 'dropped.txt');
    await em.refresh(two);
    expect([two.scan.name, two.scan.pending]).toEqual(['newer.txt', false]);
    await em.remove(two).flush();
    const reference = fork('odd "schema');
    await reference.remove(reference.getReference(Invoice, 1)).flush();
    expect(await stored()).toEqual({ public: 'saved_public.txt', one: '', two: '', 'odd "schema': '' });
    const own = fork('public');
    const row = await own.findOneOrFail(Invoice, 1);
    row.scan = file('flushed', 'flushed.txt');
    await own.flush();
    expect(await stored()).toMatchObject({ public: 'flushed.txt' });
    await own.remove(row).flush();
    expect(await stored()).toEqual({ public: '', one: '', two: '', 'odd "schema': '' });
  });

  test('is found again by a reference, which names the schema', async () => {
    const { scan, rows, stored } = await tenants(schema);
    for (const [name, row] of rows) {
      const reference: FileReference = JSON.parse(JSON.stringify(row.scan.reference()));
      expect(reference.key).toEqual(name === 'public' ? { id: 1 } : { id: 1, $schema: name });
      await scan.revive(reference).save('revived', { name: `revived ${name}.txt` });
      const handle = await scan.byKey((reference.key ?? {}) as never);
      expect(handle.name).toBe(`revived_${name === 'odd "schema' ? 'odd_schema' : name}.txt`);
    }
    expect(await stored()).toMatchObject({ public: 'revived_public.txt', two: 'revived_two.txt' });
    await expect(scan.byKey({ id: 2, $schema: 'one' } as never)).rejects.toMatchObject({ code: 'not-found' });
    for (const $schema of [{ $ne: 'one' }, null, ['one'], true])
      await expect(scan.byKey({ id: 1, $schema } as never)).rejects.toMatchObject({
        code: 'invalid-argument',
      });
  });

  test('an object that a row of another schema names stays', async () => {
    const { storage, sql, find, stored } = await tenants(schema);
    await sql(`UPDATE two.invoices SET scan = 'one.txt'`);
    await storage.delete('two.txt');
    await (await find('one')).scan.save('new', { name: 'new.txt' });
    expect(await stored()).toEqual({ ...ALL, one: 'new.txt', two: 'one.txt' });
    expect(await (await find('two')).scan.stored?.text()).toBe('of one');
  });

  test('sweep and recover see the rows of all schemas', async () => {
    const { scan, storage, journal, sql } = await tenants(schema);
    await sql(`CREATE SCHEMA other`);
    await sql(`CREATE TABLE other.invoices (number integer)`); // another table of that name
    await storage.save('orphan.txt', 'orphan');
    await sql(`INSERT INTO two.invoices (title, scan) VALUES ('missing', 'missing.txt')`);
    const findings: unknown[] = [];
    await sweep({
      storage,
      fields: [scan],
      graceSeconds: -60,
      onFinding: ({ kind, name, rows }) => findings.push([kind, name, rows.map(({ key }) => key)]),
    });
    expect(findings).toEqual([
      ['missing', 'missing.txt', [{ id: 2, $schema: 'two' }]],
      ['orphan', 'orphan.txt', []],
    ]);
    await recover(journal);
    expect(await Array.fromAsync(storage.list())).toHaveLength(5);
  });
});

test('an entity of one schema is that, whatever its entity manager has', async () => {
  const { rows, fork, Invoice, scan, sql } = await tenants('one');
  expect(rows.get('two')?.scan.reference().key).toEqual({ id: 3 });
  expect(await sql('SELECT count(*)::int AS count FROM one.invoices')).toEqual([{ count: 4 }]);
  await (await fork('two').findOneOrFail(Invoice, 2)).scan.save('new', { name: 'new.txt' });
  expect((await scan.byKey({ id: 2 } as never)).name).toBe('new.txt');
  const em = fork('two');
  const row = await em.findOneOrFail(Invoice, 3);
  row.scan = file('flushed', 'flushed.txt');
  await em.flush();
  expect((await scan.byKey({ id: 3 } as never)).name).toBe('flushed.txt');
  await em.remove(row).flush();
  await expect(scan.byKey({ id: 3 } as never)).rejects.toMatchObject({ code: 'not-found' });
  await expect(scan.byKey({ id: 2, $schema: 'two' } as never)).rejects.toMatchObject({
    code: 'invalid-argument',
  });
});

test('on SQLite an attached database is a schema', async () => {
  class Note {
    declare id: number;
    declare scan: FieldFile<Note>;
  }
  const entity = new EntitySchema<Note>({
    class: Note,
    tableName: 'notes',
    properties: { id: { type: 'integer', primary: true }, scan: fileColumn() },
  });
  const { connect } = await openSqlite();
  const storage = new MemoryStorage();
  const files = new MikroOrmFiles();
  const { scan } = files.define(Note, { scan: { storage } });
  const folder = mkdtempSync(join(tmpdir(), 'fieldfile-mikro-orm-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const attachDatabases = [{ name: 'tenant', path: join(folder, 'tenant.db') }];
  const orm = await connect({ entities: [entity], attachDatabases });
  files.attach(orm);
  for (const name of ['main', 'tenant'])
    await orm.em.execute(`CREATE TABLE ${name}.notes (id integer PRIMARY KEY, scan text)`);
  const notes: Note[] = [];
  for (const em of [orm.em.fork(), orm.em.fork({ schema: 'tenant' })]) {
    notes.push(em.create(Note, { scan: file('a note', 'note.txt') }));
    await em.flush();
  }
  const [own, tenant] = notes;
  expect([own, tenant].map(note => note?.scan.reference().key)).toEqual([
    { id: 1 },
    { id: 1, $schema: 'tenant' },
  ]);
  await tenant?.scan.save('new', { name: 'new.txt' });
  expect(own?.scan.name).toBe('note.txt');
  const stored = await orm.em.execute('SELECT scan FROM main.notes UNION ALL SELECT scan FROM tenant.notes');
  expect(stored).toEqual([{ scan: 'note.txt' }, { scan: 'new.txt' }]);
  const found: unknown[] = [];
  await storage.delete('new.txt');
  await sweep({ storage, fields: [scan], onFinding: ({ name, rows }) => found.push([name, rows[0]?.key]) });
  expect(found).toEqual([['new.txt', { id: 1, $schema: 'tenant' }]]);
});
