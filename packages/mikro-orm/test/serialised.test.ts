import { inspect } from 'node:util';
import { type FieldFile, file, noFile, upload } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { type Collection, EntitySchema, serialize, wrap } from '@mikro-orm/core';
import { MikroORM } from '@mikro-orm/libsql';
import { expect, onTestFinished, test } from 'vitest';
import { fileColumn, MikroOrmFiles } from '../src/index.ts';

async function fixture() {
  class Album {
    declare id: number;
    declare photos: Collection<Photo>;
  }
  class Photo {
    declare id: number;
    declare title: string;
    declare album: Album;
    declare image: FieldFile<Photo>;
    declare secret: FieldFile<Photo>;
  }
  const entities = [
    new EntitySchema<Album>({
      class: Album,
      properties: {
        id: { type: 'integer', primary: true },
        photos: { kind: '1:m', entity: () => Photo, mappedBy: 'album' },
      },
    }),
    new EntitySchema<Photo>({
      class: Photo,
      properties: {
        id: { type: 'integer', primary: true },
        title: { type: 'text' },
        album: { kind: 'm:1', entity: () => Album },
        image: fileColumn(),
        secret: { ...fileColumn(), hidden: true },
      },
    }),
  ];
  const storage = new MemoryStorage();
  const files = new MikroOrmFiles();
  files.define(Photo, { image: { storage }, secret: { storage } });
  const orm = await MikroORM.init({ entities: entities as never, dbName: ':memory:' });
  onTestFinished(() => orm.close());
  files.attach(orm);
  await orm.schema.create();
  const em = orm.em.fork();
  const album = em.create(Album, {} as never);
  const made = (title: string, more: object = {}) => em.create(Photo, { title, album, ...more } as never);
  made('full', { image: file('an image', 'a.txt'), secret: file('a secret', 's.txt') });
  made('empty');
  await em.flush();
  const fork = orm.em.fork();
  const found = await fork.findOneOrFail(Album, 1, { populate: ['photos'] });
  const [full, empty] = found.photos.getItems();
  if (!full || !empty) throw new Error('The photos are missing.');
  return { Photo, em: fork, orm, album: found, full, empty };
}

const serializers: Record<string, (row: object) => unknown> = {
  'JSON.stringify': row => JSON.parse(JSON.stringify(row)),
  'JSON.stringify of a copy with the file': row =>
    JSON.parse(JSON.stringify({ ...row, image: (row as { image: FieldFile }).image })),
  'wrap(row).toObject()': row => wrap(row).toObject(),
  'wrap(row).toJSON()': row => wrap(row).toJSON(),
  'wrap(row).toPOJO()': row => wrap(row).toPOJO(),
  'wrap(row).serialize()': row => wrap(row).serialize(),
  'serialize([row])': row => serialize([row])[0],
  'a structured clone of its object': row => structuredClone(wrap(row).toObject()),
};

test.each(Object.entries(serializers))(
  '%s has the names of files, and nothing else of them',
  async (_, plain) => {
    const { em, full, empty } = await fixture();
    expect(plain(full)).toMatchObject({ id: 1, title: 'full', image: 'a.txt' });
    expect(plain(empty)).toMatchObject({ id: 2, title: 'empty', image: null });
    full.image = file('new', 'new.txt');
    expect(plain(full)).toMatchObject({ title: 'full', image: null });
    await upload(full);
    expect(plain(full)).toMatchObject({ title: 'full', image: 'new.txt' });
    full.image = noFile;
    expect(plain(full)).toMatchObject({ title: 'full', image: null });
    await em.flush();
    expect(plain(full)).toMatchObject({ title: 'full', image: null });
  },
);

test('what is hidden, not loaded or in a collection is as with other properties', async () => {
  const { Photo, orm, album } = await fixture();
  expect(JSON.parse(JSON.stringify(album))).toMatchObject({
    photos: [{ image: 'a.txt' }, { image: null }],
  });
  expect(JSON.stringify(album)).not.toContain('s.txt');
  const partial = await orm.em.fork().findOneOrFail(Photo, 1, { fields: ['title'] });
  expect(wrap(partial).toObject()).toEqual({ id: 1, title: 'full' });
  const reference = orm.em.fork().getReference(Photo, 1);
  expect(JSON.parse(JSON.stringify(reference))).toEqual({ id: 1 });
});

test('an answer that holds a file itself has its name, and a walk over it meets nothing', async () => {
  const { full } = await fixture();
  const answer = { id: full.id, image: full.image };
  expect(JSON.parse(JSON.stringify(answer))).toEqual({ id: 1, image: 'a.txt' });
  expect(Object.entries({ ...full.image })).toEqual([]);
  const copy = structuredClone({ ...answer, image: full.image.toJSON() });
  expect(copy).toEqual({ id: 1, image: 'a.txt' });
  expect(() => structuredClone(answer)).not.toThrow();
});

test('who walks over the keys of a row meets no file, and no row behind one', async () => {
  const { full } = await fixture();
  expect(full.image.name).toBe('a.txt');
  expect(Object.keys(full)).not.toContain('image');
  expect({ ...full }).not.toHaveProperty('image');
  const shown = inspect({ file: full.image }, { depth: 20 });
  expect(shown).toBe('{ file: <FieldFile Photo.image: a.txt> }');
});
