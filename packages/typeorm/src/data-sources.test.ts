import { type FieldFile, file } from '@fieldfile/core';
import { SqlJournal } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { DataSource, EntitySchema } from 'typeorm';
import { expect, test } from 'vitest';
import { type Opened, openEntities } from '../test/opened.ts';
import { sqlite } from '../test/photos.ts';
import { fileColumn } from './file-column.ts';
import { sqlExecutor } from './sql-executor.ts';
import { TypeormFiles } from './typeorm-files.ts';

function userClass() {
  class User {
    declare id: number;
    declare avatar: FieldFile;
  }
  const columns = { id: { type: 'integer', primary: true, generated: true }, avatar: fileColumn() } as const;
  const schema = new EntitySchema<User>({ name: 'User', target: User, columns });
  const open = (): Promise<Opened> =>
    openEntities([schema], (files, storage) => files.define(User, { avatar: { storage } }));
  return { User, schema, open };
}

const DECLARED = expect.objectContaining({
  code: 'invalid-argument',
  field: 'User.avatar',
  message: expect.stringMatching(/another data source.*Destroy that one before/),
});

test('a class whose files are those of a data source in use is refused for another', async () => {
  const { User, schema, open } = userClass();
  await using first = await open();
  const other = new DataSource({ ...sqlite, entities: [schema] });
  const files = new TypeormFiles(other);
  const storage = new MemoryStorage();
  expect(() => files.define(User, { avatar: { storage } })).toThrow(DECLARED);
  const journal = new SqlJournal({ dialect: 'sqlite', execute: sqlExecutor(new DataSource(sqlite)) });
  const journalled = new TypeormFiles(other, { journal });
  expect(() => journalled.define(User, { avatar: { storage } })).toThrow(DECLARED);
  expect(journal.fields.size).toBe(0);
  const users = first.dataSource.getRepository(User);
  await users.save(users.create({ avatar: file('a', 'a.png') }));
  expect(await first.objects()).toEqual(['a.png']);
});

test('each data source has files of a class of its own', async () => {
  const opened = await Promise.all([userClass(), userClass()].map(({ open }) => open()));
  for (const [index, { dataSource, objects }] of opened.entries()) {
    const users = dataSource.getRepository<InstanceType<ReturnType<typeof userClass>['User']>>('User');
    await users.save(users.create({ avatar: file('x', `${index}.png`) }));
    expect(await objects()).toEqual([`${index}.png`]);
    await dataSource.destroy();
  }
});

test('a data source that is destroyed and made anew has the files', async () => {
  const { User, open } = userClass();
  let before: FieldFile | undefined;
  for (let run = 0; run < 3; run++) {
    await using opened = await open();
    const users = opened.dataSource.getRepository(User);
    const user = await users.save(users.create({ avatar: file('a', 'a.png') }));
    await user.avatar.save('b', { name: 'b.png' });
    const found = await users.findOneByOrFail({ id: user.id });
    expect([found.avatar.name, await found.avatar.stored?.text()]).toEqual(['b.png', 'b']);
    expect(JSON.parse(JSON.stringify(found)).avatar).toBe('b.png');
    await users.delete(user.id);
    expect(await opened.objects()).toEqual([]);
    expect(found.avatar).not.toBe(before);
    before = found.avatar;
  }
});

test('a data source that is destroyed and initialized again has the files, unless another took them', async () => {
  const { User, open } = userClass();
  await using first = await open();
  await first.dataSource.destroy();
  const second = await open();
  await expect(first.dataSource.initialize()).rejects.toThrow(DECLARED);
  expect(first.dataSource.isInitialized).toBe(false);
  await second.dataSource.destroy();
  await first.dataSource.initialize();
  const users = first.dataSource.getRepository(User);
  await users.save(users.create({ avatar: file('a', 'a.png') }));
  expect([await first.objects(), await second.objects()]).toEqual([['a.png'], []]);
});

test('of two data sources that declare one class before they are initialized, the second is refused', async () => {
  const { User, schema } = userClass();
  const [one, two] = [
    new DataSource({ ...sqlite, entities: [schema] }),
    new DataSource({ ...sqlite, entities: [schema] }),
  ];
  for (const dataSource of [one, two])
    new TypeormFiles(dataSource).define(User, { avatar: { storage: new MemoryStorage() } });
  await one.initialize();
  await expect(two.initialize()).rejects.toThrow(DECLARED);
  await one.destroy();
});

test('a file is declared once, and others of its class later', async () => {
  class User {
    declare id: number;
    declare avatar: FieldFile;
    declare cover: FieldFile;
  }
  const columns = {
    id: { type: 'integer', primary: true, generated: true },
    avatar: fileColumn(),
    cover: fileColumn(),
  } as const;
  const schema = new EntitySchema<User>({ name: 'User', target: User, columns });
  await using opened = await openEntities([schema], (files, storage) =>
    files.define(User, { avatar: { storage } }),
  );
  const { files, storage, dataSource } = opened;
  files.define(User, { cover: { storage } });
  expect(() => files.define(User, { avatar: { storage } })).toThrow(/declared already: declare it once/);
  const users = dataSource.getRepository(User);
  const user = await users.save(users.create({ avatar: file('a', 'a.png'), cover: file('b', 'b.png') }));
  expect(JSON.parse(JSON.stringify(user))).toEqual({ id: 1, avatar: 'a.png', cover: 'b.png' });
});

test('destroying a data source waits for the files of a transaction that was ended by hand', async () => {
  const { User, open } = userClass();
  const opened = await open();
  const users = opened.dataSource.getRepository(User);
  const user = await users.save(users.create({ avatar: file('a', 'a.png') }));
  const runner = opened.dataSource.createQueryRunner();
  await runner.startTransaction();
  user.avatar = file('b', 'b.png');
  await runner.manager.save(user);
  await runner.commitTransaction();
  await opened.dataSource.destroy();
  expect(await opened.objects()).toEqual(['b.png']);
});
