import { type FieldFile, file } from '@fieldfile/core';
import { startPostgres } from '@fieldfile/test-servers/postgres';
import { EntitySchema } from 'typeorm';
import { afterAll, describe, expect, test } from 'vitest';
import { openEntities } from '../test/opened.ts';
import { sqlite } from '../test/photos.ts';
import { fileColumn } from './file-column.ts';

const postgres = await startPostgres();
afterAll(() => postgres[Symbol.asyncDispose]());

const inPostgres = async () => ({ type: 'postgres', url: await postgres.createDatabase() }) as const;

async function openUsers(options: typeof sqlite, hasDefault: boolean) {
  class User {
    declare id: number;
    declare name: string | null;
    declare avatar: FieldFile;
  }
  const schema = new EntitySchema<User>({
    name: 'User',
    target: User,
    columns: {
      id: { type: 'integer', primary: true, generated: true },
      name: { type: 'varchar', nullable: true },
      avatar: { ...fileColumn({ nullable: false }), ...(hasDefault && { default: '' }) },
    },
  });
  const opened = await openEntities(
    [schema],
    (files, storage) => files.define(User, { avatar: { storage, empty: '' } }),
    { options },
  );
  const { dataSource } = opened;
  const columns = async () =>
    (await dataSource.query('SELECT avatar FROM "user" ORDER BY id')).map(
      ({ avatar }: { avatar: string }) => avatar,
    );
  return { ...opened, users: dataSource.getRepository(User), columns };
}

describe.each([
  ['SQLite', async () => sqlite],
  ['PostgreSQL', inPostgres],
])('a column that is NOT NULL, on %s', (_, options) => {
  test.each([true, false])(
    'takes the empty text from inserts, clears and deletes (default: %s)',
    async hasDefault => {
      await using opened = await openUsers(await options(), hasDefault);
      const { users, columns, dataSource } = opened;
      const row = await users.save(users.create({ name: 'saved' }));
      await users.insert(users.create({ name: 'inserted' }));
      await users.save([users.create({}), users.create({ avatar: null as never })]);
      await dataSource.transaction(manager => manager.save(users.create({ avatar: file('x', 'x.png') })));
      expect(await columns()).toEqual(['', '', '', '', 'x.png']);
      await users.delete({ id: 5 });
      for (const user of await users.find()) {
        expect([user.avatar.name, user.avatar.stored]).toEqual([null, null]);
        await user.avatar.save('a', { name: `${user.id}.png` });
      }
      row.avatar = file('b', 'b.png');
      await expect(users.save(row)).rejects.toMatchObject({ code: 'conflict' });
      const [one, two, three] = await users.find({ order: { id: 'ASC' } });
      await one?.avatar.delete();
      if (two) await users.save(Object.assign(two, { avatar: null }));
      await users.update({ id: three?.id ?? 0 }, { avatar: null as never });
      expect(await columns()).toEqual(['', '', '', '4.png']);
      await one?.avatar.save('again', { name: 'again.png' });
      await users.save(Object.assign(two ?? {}, { avatar: file('again', 'again2.png') }));
      await users.update({}, {}).catch(() => {});
      await users.updateAll({ avatar: null as never });
      expect([await columns(), await opened.objects()]).toEqual([['', '', '', ''], []]);
    },
  );

  test('a row object that was just inserted takes a file', async () => {
    await using opened = await openUsers(await options(), false);
    const { users, columns, dataSource } = opened;
    const row = await users.save(users.create({ name: 'saved' }));
    await row.avatar.save('a', { name: 'a.png' });
    await row.avatar.delete();
    row.avatar = file('b', 'b.png');
    await users.save(row);
    const inserting = dataSource.transaction(async manager => {
      const draft = await manager.save(users.create({ name: 'draft' }));
      await draft.avatar.save('c', { name: 'c.png' });
    });
    await inserting;
    expect([await columns(), await opened.objects()]).toEqual([
      ['b.png', 'c.png'],
      ['b.png', 'c.png'],
    ]);
    row.avatar = null as never;
    await users.save(row);
    const found = await users.findOneByOrFail({ id: row.id });
    await users.save(Object.assign(found, { name: 'renamed' }));
    await users.remove(found);
    await users.save(found);
    expect(await columns()).toEqual(['c.png', '']);
  });

  test('a plain object needs no file', async () => {
    await using opened = await openUsers(await options(), false);
    const { users, columns } = opened;
    await users.insert({ name: 'inserted' });
    await users.save([{ name: 'saved' }, { name: 'null', avatar: null as never }]);
    await users.upsert({ name: 'upserted' }, ['id']);
    expect(await columns()).toEqual(['', '', '', '']);
  });
});
