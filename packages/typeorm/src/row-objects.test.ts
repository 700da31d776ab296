import { type FieldFile, file } from '@fieldfile/core';
import { startPostgres } from '@fieldfile/test-servers/postgres';
import { BaseEntity, EntitySchema } from 'typeorm';
import { afterAll, describe, expect, test } from 'vitest';
import { openEntities } from '../test/opened.ts';
import { type openPhotos, sqlite } from '../test/photos.ts';
import { fileColumn } from './file-column.ts';

const postgres = await startPostgres();
afterAll(() => postgres[Symbol.asyncDispose]());

const inPostgres = async () => ({ type: 'postgres', url: await postgres.createDatabase() }) as const;

const id = { type: 'integer', primary: true, generated: true } as const;

async function openUsers(options: Parameters<typeof openPhotos>[0] = sqlite) {
  class User extends BaseEntity {
    declare id: number;
    declare name: string | null;
    declare size: number | null;
    declare avatar: FieldFile;
  }
  const schema = new EntitySchema<User>({
    name: 'User',
    target: User,
    columns: {
      id,
      name: { type: 'varchar', nullable: true },
      size: { type: 'integer', nullable: true },
      avatar: fileColumn(),
    },
  });
  const opened = await openEntities(
    [schema],
    (files, storage) => files.define(User, { avatar: { storage, columns: { size: 'size' } } }),
    { options },
  );
  User.useDataSource(opened.dataSource);
  const saved = async (name: string) => Object.assign(new User(), { name, avatar: file(name, name) }).save();
  return { ...opened, User, saved };
}

describe.each([
  ['SQLite', async () => sqlite],
  ['PostgreSQL', inPostgres],
])('on %s', (_, options) => {
  test('reload() makes files what the row has', async () => {
    await using opened = await openUsers(await options());
    const { User, objects } = opened;
    const user = await opened.saved('old.png');
    const other = await User.findOneByOrFail({ id: user.id });
    await other.avatar.save('newer', { name: 'new.png' });
    const { avatar } = user;
    await user.reload();
    expect([user.avatar, user.avatar.name, user.size]).toEqual([avatar, 'new.png', 5]);
    await user.avatar.save('newest', { name: 'newest.png' });
    expect(await objects()).toEqual(['newest.png']);
  });

  test('reload() drops what was assigned', async () => {
    await using opened = await openUsers(await options());
    const user = await opened.saved('old.png');
    for (const assigned of [file('x', 'x.png'), null]) {
      user.avatar = assigned as never;
      await user.reload();
      expect([user.avatar.name, user.avatar.pending]).toEqual(['old.png', false]);
      user.name = 'renamed';
      await user.save();
    }
    expect(await opened.objects()).toEqual(['old.png']);
  });

  test('reload() in a transaction keeps what a rollback takes back', async () => {
    await using opened = await openUsers(await options());
    const user = await opened.saved('old.png');
    const transaction = opened.dataSource.transaction(async manager => {
      await user.avatar.save('new', { name: 'new.png' });
      const row = await manager.findOneByOrFail(opened.User, { id: user.id });
      opened.User.useDataSource(manager as never);
      await user.reload();
      expect([user.avatar.name, row.avatar.name]).toEqual(['new.png', 'new.png']);
      throw new Error('no');
    });
    await expect(transaction).rejects.toThrow('no');
    expect(user.avatar.name).toBe('old.png');
    expect(await opened.objects()).toEqual(['old.png']);
  });

  test('merge and preload take the row’s own file as any property', async () => {
    await using opened = await openUsers(await options());
    const { User, dataSource, objects } = opened;
    const users = dataSource.getRepository(User);
    const user = await opened.saved('old.png');
    const fresh = await users.findOneByOrFail({ id: user.id });
    await fresh.avatar.save('new', { name: 'new.png' });
    users.merge(user, fresh);
    expect([user.avatar.name, user.avatar.pending]).toEqual(['new.png', false]);
    const preloaded = await users.preload({ id: user.id, name: 'preloaded', avatar: fresh.avatar });
    expect([preloaded?.avatar.name, preloaded?.avatar.pending]).toEqual(['new.png', false]);
    await users.save([user, preloaded as never]);
    expect(await objects()).toEqual(['new.png']);
    const again = await users.preload({ id: user.id, avatar: file('again', 'again.png') });
    await users.save(again as never);
    expect(await objects()).toEqual(['again.png']);
  });

  test('a row object that is spread, with its own file, is saved and updated', async () => {
    await using opened = await openUsers(await options());
    const { User, dataSource, objects } = opened;
    const users = dataSource.getRepository(User);
    const user = await users.findOneByOrFail({ id: (await opened.saved('a.png')).id });
    await users.save({ ...user, name: 'one' } as never);
    await users.save({ ...user, avatar: user.avatar, name: 'two' } as never);
    await users.save({ ...(user as object as { toJSON(): object }).toJSON(), name: 'three' });
    await users.update(user.id, { ...user, avatar: user.avatar, name: 'four' } as never);
    await users.update({ id: user.id }, { ...user, name: 'five' } as never);
    const row = await users.findOneByOrFail({ id: user.id });
    expect([row.name, row.avatar.name]).toEqual(['five', 'a.png']);
    expect(await objects()).toEqual(['a.png']);
    const other = await opened.saved('b.png');
    await expect(users.save({ id: user.id, avatar: other.avatar })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    user.avatar = file('x', 'x.png') as never;
    await expect(users.save({ id: user.id, avatar: user.avatar })).rejects.toThrow();
    expect(await objects()).toEqual(['a.png', 'b.png']);
  });

  test('a spread row object does not write back a file that was replaced meanwhile', async () => {
    await using opened = await openUsers(await options());
    const { User, dataSource } = opened;
    const users = dataSource.getRepository(User);
    const user = await opened.saved('a.png');
    const other = await users.findOneByOrFail({ id: user.id });
    await other.avatar.save('new', { name: 'new.png' });
    await users.save({ ...user, avatar: user.avatar, name: 'one' } as never);
    await users.update(user.id, { avatar: user.avatar, name: 'two' } as never);
    const row = await users.findOneByOrFail({ id: user.id });
    expect([row.name, row.avatar.name]).toEqual(['two', 'new.png']);
    expect(await opened.objects()).toEqual(['new.png']);
  });

  test('undefined is no assignment, also to a row without the column', async () => {
    await using opened = await openUsers(await options());
    const users = opened.dataSource.getRepository(opened.User);
    const user = await opened.saved('a.png');
    await users.save(Object.assign(user, { avatar: undefined, name: 'one' }));
    const partial = await users.findOneOrFail({ where: { id: user.id }, select: { id: true, name: true } });
    await users.save(Object.assign(partial, { avatar: undefined, name: 'two' }));
    await users.update(user.id, { avatar: undefined as never, name: 'three' });
    users.merge(user, { avatar: undefined as never });
    users.create({ avatar: undefined as never });
    expect((await users.findOneByOrFail({ id: user.id })).avatar.name).toBe('a.png');
    expect(await opened.objects()).toEqual(['a.png']);
  });

  test.each(['by itself', 'in a transaction'])(
    'a removed entity is empty and can be saved anew, %s',
    async how => {
      await using opened = await openUsers(await options());
      const { dataSource, objects } = opened;
      const user = await opened.saved('a.png');
      const { id, avatar } = user;
      await (how === 'by itself' ? user.remove() : dataSource.transaction(manager => manager.remove(user)));
      expect([avatar.name, avatar.reference().key, await objects()]).toEqual([null, null, []]);
      await user.save();
      expect(user.id).not.toBeUndefined();
      const row = await dataSource.getRepository(opened.User).findOneByOrFail({ id: user.id });
      expect(row.avatar.name).toBe(null);
      await avatar.save('again', { name: 'again.png' });
      expect(await objects()).toEqual(['again.png']);
      expect(id).toBeTypeOf('number');
    },
  );

  test('an entity whose removal is rolled back is as before', async () => {
    await using opened = await openUsers(await options());
    const user = await opened.saved('a.png');
    const { id } = user;
    const transaction = opened.dataSource.transaction(async manager => {
      await manager.remove(user);
      throw new Error('no');
    });
    await expect(transaction).rejects.toThrow('no');
    expect([user.id, user.avatar.name, user.avatar.reference().key]).toEqual([id, 'a.png', { id }]);
    await user.avatar.save('new', { name: 'new.png' });
    expect(await opened.objects()).toEqual(['new.png']);
  });

  test('an entity that is removed and saved in one transaction has no file', async () => {
    await using opened = await openUsers(await options());
    const user = await opened.saved('a.png');
    await opened.dataSource.transaction(async manager => {
      await manager.remove(user);
      await manager.save(user);
    });
    const row = await opened.dataSource.getRepository(opened.User).findOneByOrFail({});
    expect([user.avatar.name, row.avatar.name, row.id]).toEqual([null, null, user.id]);
    expect(await opened.objects()).toEqual([]);
    await user.avatar.save('new', { name: 'new.png' });
    expect(await opened.objects()).toEqual(['new.png']);
  });
});

test('files of lazy relations are stored and removed with the entity they cascade from', async () => {
  class Album {
    declare id: number;
    declare photos: Promise<Photo[]>;
  }
  class Photo {
    declare id: number;
    declare image: FieldFile;
    declare album: Promise<Album>;
  }
  const albums = new EntitySchema<Album>({
    name: 'Album',
    target: Album,
    columns: { id },
    relations: {
      photos: { type: 'one-to-many', target: 'Photo', inverseSide: 'album', cascade: true, lazy: true },
    },
  });
  const photos = new EntitySchema<Photo>({
    name: 'Photo',
    target: Photo,
    columns: { id, image: fileColumn() },
    relations: {
      album: {
        type: 'many-to-one',
        target: 'Album',
        inverseSide: 'photos',
        lazy: true,
        nullable: true,
        onDelete: 'CASCADE',
      },
    },
  });
  await using opened = await openEntities([albums, photos], (files, storage) =>
    files.define(Photo, { image: { storage } }),
  );
  const { dataSource, objects } = opened;
  const repository = dataSource.getRepository(Album);
  const album = repository.create();
  const later = async () => {
    await new Promise(resolve => setImmediate(resolve));
    return [dataSource.getRepository(Photo).create({ image: file('a', 'a.png') })];
  };
  album.photos = later();
  await repository.save(album);
  expect(await objects()).toEqual(['a.png']);
  const found = await repository.findOneByOrFail({ id: album.id });
  const [photo] = await found.photos;
  expect(photo?.image.name).toBe('a.png');
  if (photo) photo.image = file('b', 'b.png');
  await repository.save(found);
  expect(await objects()).toEqual(['b.png']);
  const loaded = await repository.findOneByOrFail({ id: album.id });
  expect(await loaded.photos).toHaveLength(1);
  await repository.remove(loaded);
  expect(await objects()).toEqual([]);
});
