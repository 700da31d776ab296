import { type FieldFile, type FileField, file } from '@fieldfile/core';
import { startPostgres } from '@fieldfile/test-servers/postgres';
import { EntitySchema, type EntitySchemaColumnOptions, MoreThan, Not, Raw } from 'typeorm';
import { afterAll, describe, expect, test } from 'vitest';
import { openEntities } from '../test/opened.ts';
import { sqlite } from '../test/photos.ts';
import { fileColumn } from './file-column.ts';

const postgres = await startPostgres();
afterAll(() => postgres[Symbol.asyncDispose]());

const inPostgres = async () => ({ type: 'postgres', url: await postgres.createDatabase() }) as const;

type Key = Readonly<Record<string, unknown>>;
type Columns = Readonly<Record<string, EntitySchemaColumnOptions>>;

async function openDocuments(key: Columns, options: typeof sqlite) {
  class Document {
    declare image: FieldFile;
  }
  const schema = new EntitySchema<Document>({
    name: 'Document',
    target: Document,
    columns: { ...(key as object), image: fileColumn() },
  });
  let field: FileField<Key, string, never> | undefined;
  const opened = await openEntities(
    [schema],
    (files, storage) => {
      field = files.define(Document, { image: { storage } }).image as never;
    },
    { options },
  );
  const { manager } = opened.dataSource;
  const saved = async (values: Key) => {
    const row = manager.create(Document, { ...values, image: file('x', 'x.png') });
    await manager.insert(Document, row as never);
    return row;
  };
  if (!field) throw new Error('Nothing was declared.');
  const declared = field;
  return { ...opened, Document, manager, saved, field: declared };
}

const bigints = {
  from: (value: string | number | null) => (value === null ? null : BigInt(value)),
  to: (value: unknown) => (typeof value === 'bigint' ? String(value) : value),
};
const primary = { primary: true } as const;
const uuid = '5f0c9a5e-7a55-4a53-8f0e-0e6c4a5dbb01';

const keys: Record<string, { readonly columns: Columns; readonly key: Key; readonly missing: Key }> = {
  'a bigint': {
    columns: { id: { type: 'bigint', ...primary, transformer: bigints } },
    key: { id: 9007199254740991n },
    missing: { id: 4711n },
  },
  'a date': {
    columns: { at: { type: Date, ...primary } },
    key: { at: new Date('2024-02-03T04:05:06.789Z') },
    missing: { at: new Date('2020-01-01T00:00:00Z') },
  },
  'a uuid': {
    columns: { id: { type: 'varchar', ...primary } },
    key: { id: uuid },
    missing: { id: uuid.replace('5f', '6f') },
  },
  'two columns': {
    columns: { album: { type: 'integer', ...primary }, number: { type: 'integer', ...primary } },
    key: { album: 1, number: 2 },
    missing: { album: 2, number: 1 },
  },
};

describe.each([
  ['SQLite', async () => sqlite],
  ['PostgreSQL', inPostgres],
])('on %s', (_, options) => {
  test.each(Object.entries(keys))('a key of %s survives JSON', async (_, { columns, key, missing }) => {
    await using opened = await openDocuments(columns, await options());
    const { Document, manager, field } = opened;
    await opened.saved(key);
    const row = await manager.findOneByOrFail(Document, {});
    expect(row.image.reference().key).toEqual(key);
    const revived = field.revive(JSON.parse(JSON.stringify(row.image.reference())));
    await revived.save('new', { name: 'new.png' });
    const found = await field.byKey(key as never);
    expect([found.name, await opened.objects()]).toEqual(['new.png', ['new.png']]);
    await expect(field.byKey(missing as never)).rejects.toMatchObject({ code: 'not-found' });
    await manager.findOneByOrFail(Document, {}).then(({ image }) => image.delete());
    expect(await opened.objects()).toEqual([]);
  });

  test('a key that could be a condition is refused before TypeORM sees it', async () => {
    const { columns } = keys['two columns'] ?? {};
    await using opened = await openDocuments(columns ?? {}, await options());
    const { field } = opened;
    await opened.saved({ album: 1, number: 1 });
    const forged: unknown[] = [
      {},
      null,
      [],
      'album',
      { album: 1 },
      { album: 1, number: { gt: 0 } },
      { album: 1, number: MoreThan(0) },
      { album: Not(5), number: 1 },
      { album: 1, number: Raw('1 OR 1 = 1') },
      { album: 1, number: null },
      { album: 1, number: undefined },
      { album: 1, number: [1] },
      { album: 1, number: 1, image: 'x.png' },
      { album: 1, image: 'x.png' },
      { album: 1, number: Number.NaN },
    ];
    const refused = { code: 'invalid-argument', field: 'Document.image' };
    for (const key of forged) {
      await expect(field.byKey(key as never)).rejects.toMatchObject(refused);
      if (key !== null)
        expect(() =>
          field.revive({ model: 'Document', field: 'image', name: 'x.png', key: key as never }),
        ).toThrow(expect.objectContaining(refused));
    }
    expect(await opened.objects()).toEqual(['x.png']);
  });

  test('a key that was changed is the handle’s once the row is written', async () => {
    const columns = {
      id: { type: 'integer', ...primary },
      title: { type: 'varchar', nullable: true },
    } as const;
    await using opened = await openDocuments(columns, await options());
    const { dataSource, manager, Document } = opened;
    const row = (await opened.saved({ id: 1 })) as unknown as { id: number; image: FieldFile };
    expect(row.image.reference().key).toEqual({ id: 1 });
    row.id = 2;
    expect(row.image.reference().key).toEqual({ id: 1 });
    const moving = dataSource.transaction(async inner => {
      await inner.save(row);
      expect(row.image.reference().key).toEqual({ id: 2 });
      throw new Error('no');
    });
    await expect(moving).rejects.toThrow('no');
    expect(row.image.reference().key).toEqual({ id: 1 });
    await manager.save(row);
    expect(row.image.reference().key).toEqual({ id: 2 });
    await row.image.save('two', { name: 'two.png' });
    row.id = 3;
    row.image = file('three', 'three.png');
    await manager.save(row);
    await row.image.save('three again', { name: 'again.png' });
    const rows = (await manager.find(Document, { order: { id: 'ASC' } as never })).map(
      ({ image }) => image.name,
    );
    expect(rows).toEqual(['x.png', 'two.png', 'again.png']);
    expect(await opened.objects()).toEqual(['again.png', 'two.png', 'x.png']);
  });
});

test.each([
  ['SQLite', async () => sqlite],
  ['PostgreSQL', inPostgres],
])('a key may be in an embedded entity, or of a related one, on %s', async (_, options) => {
  class Id {
    declare album: number;
    declare number: number;
  }
  class Page {
    declare id: Id;
    declare image: FieldFile;
  }
  class User {
    declare id: number;
  }
  class Profile {
    declare userId: number;
    declare user: User;
    declare image: FieldFile;
  }
  const integer = { type: 'integer', ...primary } as const;
  const ids = new EntitySchema<Id>({ name: 'Id', target: Id, columns: { album: integer, number: integer } });
  const pages = new EntitySchema<Page>({
    name: 'Page',
    target: Page,
    columns: { image: fileColumn() },
    embeddeds: { id: { schema: ids } },
  });
  const users = new EntitySchema<User>({ name: 'User', target: User, columns: { id: integer } });
  const profiles = new EntitySchema<Profile>({
    name: 'Profile',
    target: Profile,
    columns: { userId: integer, image: fileColumn() },
    relations: { user: { type: 'one-to-one', target: 'User', joinColumn: { name: 'userId' } } },
  });
  let byPage: FileField<Page, never, 'image'> | undefined;
  await using opened = await openEntities(
    [pages, users, profiles],
    (files, storage) => {
      byPage = files.define(Page, { image: { storage } }).image;
      files.define(Profile, { image: { storage } });
    },
    { options: await options() },
  );
  const { manager } = opened.dataSource;
  const page = await manager.save(
    manager.create(Page, { id: { album: 1, number: 2 }, image: file('p', 'p.png') }),
  );
  await manager.save(manager.create(Page, { id: { album: 1, number: 1 } }));
  const key = { 'id.album': 1, 'id.number': 2 };
  expect(page.image.reference().key).toEqual(key);
  await page.image.save('new', { name: 'p2.png' });
  const found = await byPage?.byKey(key as never);
  expect(found?.name).toBe('p2.png');
  page.image = file('newest', 'p3.png');
  await manager.save(page);
  expect(await opened.objects()).toEqual(['p3.png']);
  await manager.remove(page);
  expect([page.image.name, await manager.countBy(Page, { id: { album: 1 } })]).toEqual([null, 1]);
  const user = await manager.save(manager.create(User, { id: 7 }));
  const profile = await manager.save(manager.create(Profile, { user, image: file('u', 'u.png') }));
  expect(profile.image.reference().key).toEqual({ userId: 7 });
  await profile.image.save('new', { name: 'u2.png' });
  profile.image = file('newest', 'u3.png');
  await manager.save(profile);
  expect(await opened.objects()).toEqual(['u3.png']);
  await manager.remove(profile);
  expect(await opened.objects()).toEqual([]);
});
