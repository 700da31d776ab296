import { mariadbMissing } from '@fieldfile/test-servers/mariadb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Link, LinkTerms } from '../src/links/link.ts';
import type { LinkStore } from '../src/links/link-store.ts';
import { linkTable } from '../src/links/link-table.ts';
import { MemoryLinks } from '../src/links/memory-links.ts';
import { SqlLinks } from '../src/links/sql-links.ts';
import { type LinkDatabase, mariadbDatabase, postgresDatabase, sqliteDatabase } from './link-databases.ts';

/** A store of its own, and a way to let time go by there. */
interface Fixture {
  readonly store: LinkStore;
  later(seconds: number): Promise<void>;
}

describe('links in memory', () => {
  contract(async () => {
    let ahead = 0;
    const store = new MemoryLinks({ clock: () => new Date(Date.now() + ahead) });
    return {
      store,
      async later(seconds) {
        ahead += seconds * 1000;
      },
    };
  });
});

describe('links in SQLite', () => inDatabase(sqliteDatabase));
describe('links in PostgreSQL', () => inDatabase(postgresDatabase));
const missing = mariadbMissing();
describe.skipIf(missing)(`links in MariaDB${missing ? ` (${missing})` : ''}`, () =>
  inDatabase(mariadbDatabase),
);

function inDatabase(start: () => Promise<LinkDatabase>): void {
  let database: LinkDatabase;
  let tables = 0;
  beforeAll(async () => {
    database = await start();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  contract(async () => {
    const { dialect, execute } = database;
    const table = `links_${++tables}`;
    for (const statement of linkTable(dialect, table)) await execute(statement, []);
    const columns = ['given_at', 'expires_at', 'last_used_at', 'taken_back_at'];
    return {
      store: new SqlLinks({ dialect, execute, table }),
      async later(seconds) {
        const back = columns.map(column => `${column} = ${column} - ${seconds * 1000}`);
        await execute(`UPDATE ${table} SET ${back.join(', ')}`, []);
      },
    };
  });

  test('the migration can run again', async () => {
    const { dialect, execute } = database;
    for (const _ of [1, 2]) for (const statement of linkTable(dialect)) await execute(statement, []);
    const store = new SqlLinks({ dialect, execute });
    await store.add('a', terms(), 1000);
    expect((await store.get('a'))?.id).toBe('a');
  });

  test('an executor that renames columns is refused', async () => {
    const { dialect, execute } = database;
    const table = `links_${++tables}`;
    for (const statement of linkTable(dialect, table)) await execute(statement, []);
    await new SqlLinks({ dialect, execute, table }).add('a', terms(), 1000);
    const renaming = new SqlLinks({
      dialect,
      table,
      execute: async (sql, parameters) => {
        const { rows } = await execute(sql, parameters);
        return { rows: rows.map(({ object_name, ...row }) => ({ ...row, objectName: object_name })) };
      },
    });
    await expect(renaming.get('a')).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('object_name'),
    });
  });
}

const HOUR = 3_600_000;

function terms(some: Partial<LinkTerms> = {}): LinkTerms {
  return {
    storage: 'memory:1',
    name: 'a b/ü "quoted".png',
    version: '"etag"',
    row: { model: 'user', field: 'avatar', key: { tenant: 'acme', id: 1 } },
    file: 'same',
    for: 'ann@example.com',
    maxUses: 3,
    download: '100 %.png',
    disposition: 'attachment',
    ...some,
  };
}

function contract(fixture: () => Promise<Fixture>): void {
  test('a link is kept as it was given', async () => {
    const { store } = await fixture();
    await store.add('a', terms(), HOUR);
    const link = await store.get('a');
    expect(link).toMatchObject({
      ...terms(),
      id: 'a',
      state: 'open',
      uses: 0,
      lastUsedAt: null,
      takenBackAt: null,
    });
    expect((link?.expiresAt.getTime() ?? 0) - (link?.givenAt.getTime() ?? 0)).toBe(HOUR);
    expect(Math.abs((link?.givenAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    const bare = terms({
      row: null,
      for: null,
      maxUses: null,
      download: null,
      disposition: null,
      file: 'current',
    });
    await store.add('b', bare, HOUR);
    expect(await store.get('b')).toMatchObject(bare);
    expect(await store.get('c')).toBeUndefined();
  });

  test('uses are counted up to the last one', async () => {
    const { store } = await fixture();
    await store.add('a', terms({ maxUses: 2 }), HOUR);
    expect([await store.use('a'), await store.use('a'), await store.use('a')]).toEqual([true, true, false]);
    const link = await store.get('a');
    expect(link).toMatchObject({ uses: 2, state: 'used-up' });
    expect(link?.lastUsedAt).toBeInstanceOf(Date);
    expect(await store.use('absent')).toBe(false);
  });

  test('without a limit they are counted, too', async () => {
    const { store } = await fixture();
    await store.add('a', terms({ maxUses: null }), HOUR);
    for (let use = 0; use < 5; use++) expect(await store.use('a')).toBe(true);
    expect(await store.get('a')).toMatchObject({ uses: 5, state: 'open' });
  });

  test('of many at once no more get a use than there are', async () => {
    const { store } = await fixture();
    await store.add('a', terms({ maxUses: 3 }), HOUR);
    const got = await Promise.all(Array.from({ length: 200 }, () => store.use('a')));
    expect(got.filter(Boolean)).toHaveLength(3);
    expect((await store.get('a'))?.uses).toBe(3);
  });

  test('it ends when its time is over', async () => {
    const { store, later } = await fixture();
    await store.add('a', terms(), HOUR);
    await later(3590);
    expect(await store.use('a')).toBe(true);
    await later(10);
    expect((await store.get('a'))?.state).toBe('expired');
    expect(await store.use('a')).toBe(false);
  });

  test('taken back it is ended for good, once', async () => {
    const { store } = await fixture();
    await store.add('a', terms({ maxUses: 1 }), HOUR);
    await store.add('b', terms(), HOUR);
    await store.use('a');
    expect(await store.takeBack({ id: 'a' })).toEqual(['a']);
    expect(await store.takeBack({ id: 'a' })).toEqual([]);
    expect(await store.get('a')).toMatchObject({ state: 'taken-back', takenBackAt: expect.any(Date) });
    expect(await store.use('a')).toBe(false);
    expect(await store.use('b')).toBe(true);
  });

  test.each<[string, (id: string) => Promise<LinkTerms>, Parameters<LinkStore['takeBack']>[0]]>([
    [
      'a row',
      async () => terms(),
      { row: { model: 'user', field: 'avatar', key: { id: 1, tenant: 'acme' } } },
    ],
    ['an object', async () => terms(), { object: { storage: 'memory:1', name: 'a b/ü "quoted".png' } }],
    ['a person', async () => terms(), { for: 'ann@example.com' }],
  ])('the links of %s are found and taken back, and no others', async (_, make, query) => {
    const { store } = await fixture();
    await store.add('a', await make('a'), HOUR);
    await store.add('b', await make('b'), HOUR);
    const { row } = terms();
    const others: Partial<LinkTerms> = { name: 'a b/u.png', for: 'Ann@example.com', storage: 'memory:1' };
    const otherRows = [
      row && { ...row, key: { id: 2, tenant: 'acme' } },
      row && { ...row, field: 'cover' },
      row && { ...row, model: 'User' },
      null,
    ];
    for (const [index, other] of otherRows.entries())
      await store.add(`c${index}`, terms({ ...others, row: other }), HOUR);
    await store.add('d', terms({ ...others, name: terms().name, storage: 'memory:2', row: null }), HOUR);
    expect((await all(store, query)).map(({ id }) => id).sort()).toEqual(['a', 'b']);
    expect([...(await store.takeBack(query))].sort()).toEqual(['a', 'b']);
    expect((await all(store, { open: true })).map(({ id }) => id)).toHaveLength(5);
  });

  test('they are listed from the latest, page by page', async () => {
    const { store, later } = await fixture();
    for (let index = 0; index < 25; index++) {
      await store.add(`link-${index}`, terms(), 100 * HOUR);
      if (index % 5 === 4) await later(1);
    }
    const listed = await all(store, {}, 4);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(25);
    const times = listed.map(({ givenAt }) => givenAt.getTime());
    expect(times).toEqual([...times].sort((one, other) => other - one));
  });

  test('open ones are those that can still be used', async () => {
    const { store, later } = await fixture();
    await store.add('expired', terms(), HOUR);
    await later(3600);
    await store.add('used', terms({ maxUses: 1 }), HOUR);
    await store.use('used');
    await store.add('back', terms(), HOUR);
    await store.takeBack({ id: 'back' });
    await store.add('open', terms(), HOUR);
    await store.add('unlimited', terms({ maxUses: null }), HOUR);
    expect((await all(store, { open: true })).map(({ id }) => id).sort()).toEqual(['open', 'unlimited']);
    expect(await all(store, {})).toHaveLength(5);
  });

  test('those that ended long ago are forgotten', async () => {
    const { store, later } = await fixture();
    for (const id of ['expires', 'used', 'back', 'lasts'])
      await store.add(
        id,
        terms({ maxUses: id === 'lasts' ? null : 1 }),
        id === 'expires' ? HOUR : 100 * HOUR,
      );
    await store.use('used');
    await store.use('lasts');
    await store.takeBack({ id: 'back' });
    await later(3600);
    expect(await store.removeEnded(2 * HOUR)).toBe(0);
    expect(await store.removeEnded(HOUR)).toBe(2);
    await later(3600);
    expect(await store.removeEnded(HOUR)).toBe(1);
    expect((await all(store, {})).map(({ id }) => id)).toEqual(['lasts']);
  });
}

async function all(store: LinkStore, query: Parameters<LinkStore['list']>[0], limit = 100): Promise<Link[]> {
  const links: Link[] = [];
  for (;;) {
    const page = await store.list(query, { limit, after: links.at(-1) });
    if (page.length === 0) return links;
    links.push(...page);
  }
}
