import { type FieldFile, file } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { startPostgres } from '@fieldfile/test-servers/postgres';
import { ChildEntity, Column, Entity, PrimaryGeneratedColumn, TableInheritance } from 'typeorm';
import { afterAll, describe, expect, test } from 'vitest';
import { openEntities } from '../test/opened.ts';
import { sqlite } from '../test/photos.ts';
import { fileColumn } from './file-column.ts';

const postgres = await startPostgres();
afterAll(() => postgres[Symbol.asyncDispose]());

const inPostgres = async () => ({ type: 'postgres', url: await postgres.createDatabase() }) as const;

/** Contents in one table: posts without files, photos and films with some of their own. */
async function openContents(options: typeof sqlite) {
  class Content {
    declare id: number;
    declare title: string | null;
  }
  class Post extends Content {
    declare text: string | null;
  }
  class Photo extends Content {
    declare image: FieldFile;
  }
  class Film extends Content {
    declare reel: FieldFile;
  }
  Entity('content')(Content);
  TableInheritance({ column: { type: 'varchar', name: 'type' } })(Content);
  PrimaryGeneratedColumn()(Content.prototype, 'id');
  const text = { type: 'varchar', nullable: true } as const;
  Column(text)(Content.prototype, 'title');
  Column(text)(Post.prototype, 'text');
  Column(fileColumn())(Photo.prototype, 'image');
  Column(fileColumn())(Film.prototype, 'reel');
  for (const child of [Post, Photo, Film]) ChildEntity()(child);
  const reels = new MemoryStorage();
  const opened = await openEntities(
    [Content, Post, Photo, Film],
    (files, storage) => {
      files.define(Photo, { image: { storage } });
      files.define(Film, { reel: { storage: reels } });
    },
    { options },
  );
  const { dataSource } = opened;
  const { manager } = dataSource;
  await reels.save('same.png', 'nobody names it here');
  const post = await manager.save(manager.create(Post, { text: 'text' }));
  const photo = await manager.save(manager.create(Photo, { image: file('photo', 'same.png') }));
  const film = await manager.save(manager.create(Film, { reel: file('film', 'film.mp4') }));
  const all = async () => [
    await opened.objects(),
    (await Array.fromAsync(reels.list())).map(({ name }) => name as string),
  ];
  return { ...opened, manager, all, Content, Post, Photo, Film, post, photo, film };
}

describe.each([
  ['SQLite', async () => sqlite],
  ['PostgreSQL', inPostgres],
])('entities that share a table, on %s', (_, options) => {
  test('delete by the base entity removes the files of its children', async () => {
    await using opened = await openContents(await options());
    const { manager, Content, photo, film, post, all } = opened;
    await manager.delete(Content, photo.id);
    expect(await all()).toEqual([[], ['film.mp4', 'same.png']]);
    await manager.delete(Content, { id: post.id });
    await manager.getRepository(Content).delete([film.id]);
    expect(await all()).toEqual([[], ['same.png']]);
  });

  test('deleteAll of the base entity removes the files of its children', async () => {
    await using opened = await openContents(await options());
    await opened.manager.deleteAll(opened.Content);
    expect(await opened.all()).toEqual([[], ['same.png']]);
    expect(await opened.manager.count(opened.Content)).toBe(0);
  });

  test('remove of rows that were found by the base entity', async () => {
    await using opened = await openContents(await options());
    await opened.manager.remove(await opened.manager.find(opened.Content));
    expect(await opened.all()).toEqual([[], ['same.png']]);
  });

  test('delete by a child leaves the others', async () => {
    await using opened = await openContents(await options());
    const { manager, Photo, film, all } = opened;
    await manager.delete(Photo, film.id);
    await manager.deleteAll(Photo);
    expect(await all()).toEqual([[], ['film.mp4', 'same.png']]);
    expect(await manager.count(opened.Content)).toBe(2);
  });

  test('update by the base entity stores and removes files of a child', async () => {
    await using opened = await openContents(await options());
    const { manager, Content, Photo, photo, all } = opened;
    await manager.update(Content, { id: photo.id }, { image: file('new', 'new.png'), title: 'new' } as never);
    expect(await all()).toEqual([['new.png'], ['film.mp4', 'same.png']]);
    await manager.update(Content, photo.id, { image: null } as never);
    expect(await all()).toEqual([[], ['film.mp4', 'same.png']]);
    const row = await manager.findOneByOrFail(Photo, { id: photo.id });
    expect([row.title, row.image.name]).toEqual(['new', null]);
    await manager.update(Content, { id: photo.id }, { title: 'plain' });
  });

  test('the base entity in a query builder clears no file of a child', async () => {
    await using opened = await openContents(await options());
    const clearing = opened.manager
      .createQueryBuilder()
      .update(opened.Content)
      .set({ image: null } as never)
      .where({ id: opened.photo.id })
      .execute();
    await expect(clearing).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(await opened.all()).toEqual([['same.png'], ['film.mp4', 'same.png']]);
  });

  test('JSON of a child has its files and those it inherits', async () => {
    await using opened = await openContents(await options());
    const row = await opened.manager.findOneByOrFail(opened.Content, { id: opened.photo.id });
    expect(JSON.parse(JSON.stringify(row))).toEqual({ id: row.id, title: null, image: 'same.png' });
  });
});

test('an entity with a table of its own loses no file with its base', async () => {
  class Base {
    declare id: number;
    declare image: FieldFile;
  }
  class Child extends Base {
    declare extra: FieldFile;
  }
  PrimaryGeneratedColumn()(Base.prototype, 'id');
  Column(fileColumn())(Base.prototype, 'image');
  Column(fileColumn())(Child.prototype, 'extra');
  for (const entity of [Base, Child]) Entity()(entity);
  await using opened = await openEntities([Base, Child], (files, storage) => {
    files.define(Base, { image: { storage } });
    files.define(Child, { image: { storage }, extra: { storage } });
  });
  const { manager } = opened.dataSource;
  await manager.save(manager.create(Base, { image: file('base', 'base.png') }));
  const child = manager.create(Child, {
    image: file('child', 'child.png'),
    extra: file('extra', 'extra.png'),
  });
  await manager.save(child);
  expect(JSON.parse(JSON.stringify(child))).toEqual({ id: 1, image: 'child.png', extra: 'extra.png' });
  await child.image.save('new', { name: 'child2.png' });
  await manager.delete(Base, 1);
  expect(await opened.objects()).toEqual(['child2.png', 'extra.png']);
  expect((await manager.findOneByOrFail(Child, { id: 1 })).image.name).toBe('child2.png');
  await manager.delete(Child, 1);
  expect(await opened.objects()).toEqual([]);
});

test('a row with a table of its own is not written by the key of its base', async () => {
  class Base {
    declare id: number;
    declare image: FieldFile;
  }
  class Child extends Base {}
  PrimaryGeneratedColumn()(Base.prototype, 'id');
  Column(fileColumn())(Base.prototype, 'image');
  for (const entity of [Base, Child]) Entity()(entity);
  await using opened = await openEntities([Base, Child], (files, storage) =>
    files.define(Base, { image: { storage } }),
  );
  const { manager } = opened.dataSource;
  await manager.save(manager.create(Base, { image: file('base', 'base.png') }));
  await manager.insert(Child, { id: 1 });
  const child = await manager.findOneByOrFail(Child, { id: 1 });
  expect(() => child.image.save('child', { name: 'child.png' })).toThrow('Child has a table of its own');
  expect((await manager.findOneByOrFail(Base, { id: 1 })).image.name).toBe('base.png');
});
