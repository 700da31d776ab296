import { randomUUID } from 'node:crypto';
import { type FieldFile, type FileField, file } from '@fieldfile/core';
import { sweep } from '@fieldfile/core/journal';
import { startPostgres } from '@fieldfile/test-servers/postgres';
import { DataSource, EntitySchema } from 'typeorm';
import { afterAll, describe, expect, test } from 'vitest';
import { type OpenedOptions, openEntities } from '../test/opened.ts';
import { sqlite } from '../test/photos.ts';
import { fileColumn } from './file-column.ts';

const postgres = await startPostgres();
afterAll(() => postgres[Symbol.asyncDispose]());

const inPostgres = async () => ({ type: 'postgres', url: await postgres.createDatabase() }) as const;

interface UserRow {
  id: number;
  tenant: number;
  name: string | null;
  avatar: FieldFile;
}

async function openUsers(options: OpenedOptions) {
  class User implements UserRow {
    declare id: number;
    declare tenant: number;
    declare name: string | null;
    declare avatar: FieldFile;
  }
  const schema = new EntitySchema<User>({
    name: 'User',
    tableName: 'users',
    target: User,
    columns: {
      id: { type: 'integer', primary: true, generated: true },
      tenant: { type: 'integer', default: 1 },
      name: { type: 'varchar', nullable: true },
      avatar: fileColumn(),
    },
  });
  let field: FileField<User, never, 'avatar'> | undefined;
  const opened = await openEntities(
    [schema],
    (files, storage) => {
      field = files.define(User, { avatar: { storage } }).avatar;
    },
    options,
  );
  const users = opened.dataSource.getRepository<UserRow>(User);
  const saved = (name: string) => users.save(users.create({ name, avatar: file(name, name) }));
  return { ...opened, field: field as unknown as FileField<UserRow, 'id', 'avatar'>, users, saved };
}

describe.each([
  ['SQLite', async () => sqlite],
  ['PostgreSQL', inPostgres],
])('with a query cache that is always enabled, on %s', (_, options) => {
  const open = async () =>
    openUsers({
      options: { ...(await options()), cache: { alwaysEnabled: true, duration: 60_000 } } as never,
    });

  test('saves, updates and removals see files as they are', async () => {
    await using opened = await open();
    const { users, field, objects } = opened;
    const user = await opened.saved('a.png');
    const [avatar] = [user.avatar];
    for (let round = 0; round < 3; round++) {
      await users.findOneByOrFail({ id: user.id }); // what is cached from now on
      await avatar.save('b', { name: `b${round}.png` });
      user.avatar = file('c', `c${round}.png`);
      await users.save(user);
      expect((await field.byKey({ id: user.id })).name).toBe(`c${round}.png`);
      await users.update(user.id, { avatar: file('d', `d${round}.png`) });
      await users.save(Object.assign(user, { name: `round ${round}` }));
      expect([avatar.name, await objects()]).toEqual([`d${round}.png`, [`d${round}.png`]]);
    }
    await users.delete(user.id);
    expect(await objects()).toEqual([]);
  });
});

test('with replicas, what files are compared with is read from the primary', async () => {
  const [master, replica] = [await postgres.createDatabase(), await postgres.createDatabase()];
  const behind = await openUsers({ options: { type: 'postgres', url: replica } });
  await behind.saved('stale.png');
  await using opened = await openUsers({
    options: { type: 'postgres', replication: { master: { url: master }, slaves: [{ url: replica }] } },
  });
  const { users, field, objects } = opened;
  const user = await opened.saved('a.png');
  const twin = await opened.saved('b.png');
  expect((await users.findOneByOrFail({ id: user.id })).name).toBe('stale.png'); // a replica that is behind
  expect((await field.byKey({ id: twin.id })).name).toBe('b.png');
  await user.avatar.save('c', { name: 'c.png' });
  expect((await users.update({ tenant: 1 }, { avatar: file('all', 'all.png') })).affected).toBe(2);
  expect(await field.byKey({ id: user.id }).then(({ stored }) => stored?.text())).toBe('all');
  expect(await objects()).toHaveLength(2);
  await users.delete({ tenant: 1 });
  expect(await objects()).toEqual([]);
  await behind.dataSource.destroy();
});

test('a reader that sees every row keeps an object that only a hidden row names', async () => {
  const url = await postgres.createDatabase();
  const everything = await new DataSource({ type: 'postgres', url }).initialize();
  const role = `app_${randomUUID().replaceAll('-', '')}`;
  await everything.query(`CREATE ROLE ${role} LOGIN PASSWORD 'app'`);
  try {
    for (const statement of [
      'CREATE TABLE users (id serial PRIMARY KEY, tenant integer DEFAULT 1, name varchar, avatar varchar(100))',
      'ALTER TABLE users ENABLE ROW LEVEL SECURITY',
      "CREATE POLICY tenants ON users USING (tenant = current_setting('app.tenant')::integer)",
      `GRANT ALL ON users, users_id_seq TO ${role}`,
    ])
      await everything.query(statement);
    const app = new URL(url);
    app.username = role;
    app.password = 'app';
    const options = {
      type: 'postgres',
      url: app.href,
      synchronize: false,
      extra: { options: '-c app.tenant=1' },
    } as const;
    await using opened = await openUsers({ options, reader: everything });
    const { users, objects } = opened;
    const [shared, own] = [await opened.saved('shared.png'), await opened.saved('own.png')];
    await everything.query("INSERT INTO users (tenant, avatar) VALUES (2, 'shared.png')");
    expect(await users.count()).toBe(2);
    await users.remove([shared, own]);
    expect(await objects()).toEqual(['shared.png']);
    const { orphans, rows } = await sweep({
      storage: opened.storage,
      fields: [opened.field],
      graceSeconds: -1,
    });
    expect([orphans, rows]).toEqual([0, 1]);
  } finally {
    await everything.query(`DROP OWNED BY ${role}`);
    await everything.query(`DROP ROLE ${role}`);
    await everything.destroy();
  }
});
