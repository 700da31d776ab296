import { type FieldFile, file } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { sqliteContract } from '@fieldfile/test-servers/databases';
import { EntitySchema } from '@mikro-orm/core';
import { MikroORM } from '@mikro-orm/libsql';
import { expect, onTestFinished, test } from 'vitest';
import { fileColumn, MikroOrmFiles } from '../src/index.ts';

class Base {
  declare id: number;
  declare image: FieldFile<Base>;
}

const schemaOf = (type: typeof Base): EntitySchema<Base> =>
  new EntitySchema<Base>({
    class: type,
    tableName: 'photos',
    properties: { id: { type: 'integer', primary: true }, image: fileColumn() },
  });

/** A database of its own, with these files of the class. */
async function connect(type: typeof Base, files: MikroOrmFiles): Promise<MikroORM> {
  const orm = await MikroORM.init({ entities: [schemaOf(type)], dbName: ':memory:' });
  onTestFinished(() => orm.close());
  files.attach(orm);
  await orm.schema.create();
  return orm;
}

async function insert(orm: MikroORM, type: typeof Base, name: string): Promise<Base> {
  const em = orm.em.fork();
  const photo = em.create(type, { image: file(name, name) });
  await em.flush();
  return photo;
}

const names = async (storage: MemoryStorage): Promise<string[]> =>
  (await Array.fromAsync(storage.list())).map(({ name }) => name as string).sort();

const REFUSED = expect.objectContaining({
  code: 'invalid-argument',
  message: expect.stringMatching(/class of its own|close/),
});

test('a class that has the files of one ORM is refused to another, attached or not, and keeps its own', async () => {
  class Photo extends Base {}
  const storage = new MemoryStorage();
  const files = new MikroOrmFiles();
  const { image } = files.define(Photo as typeof Base, { image: { storage } });
  const declareAgain = () =>
    new MikroOrmFiles().define(Photo as typeof Base, { image: { storage: new MemoryStorage() } });
  expect(declareAgain).toThrow(REFUSED);
  const orm = await connect(Photo, files);
  expect(declareAgain).toThrow(REFUSED);
  const photo = await insert(orm, Photo, 'a.txt');
  expect(declareAgain).toThrow(REFUSED);
  expect(image.of(photo)).toBe(photo.image);
  expect(await names(storage)).toEqual(['a.txt']);
});

test('files that are attached to one ORM are refused to another, until that is closed', async () => {
  class Photo extends Base {}
  const storage = new MemoryStorage();
  const files = new MikroOrmFiles();
  files.define(Photo as typeof Base, { image: { storage } });
  const first = await connect(Photo, files);
  await expect(connect(Photo, files)).rejects.toEqual(REFUSED);
  await first.close();
  const second = await connect(Photo, files);
  const photo = await insert(second, Photo, 'b.txt');
  await photo.image.save('new', { name: 'new.txt' });
  expect(await names(storage)).toEqual(['new.txt']);
});

test('an ORM that was closed is made anew, with other files of the class, and asked nothing any more', async () => {
  class Photo extends Base {}
  const storage = new MemoryStorage();
  const { journal, ...database } = await sqliteContract();
  onTestFinished(() => database[Symbol.asyncDispose]());
  const closed: MikroORM[] = [];
  for (let round = 0; round < 3; round++) {
    const files = new MikroOrmFiles({ journal });
    files.define(Photo as typeof Base, { image: { storage } });
    const orm = await connect(Photo, files);
    const photo = await insert(orm, Photo, 'a.txt');
    photo.image = file('new', 'new.txt');
    await photo.image.save('saved', { name: 'saved.txt' });
    const em = orm.em.fork();
    const found = await em.findOneOrFail(Photo, photo.id);
    found.image = file('flushed', 'flushed.txt');
    await em.flush();
    expect(await names(storage)).toEqual(['flushed.txt']);
    await em.remove(found).flush();
    expect([await names(storage), await journal.entries()]).toEqual([[], []]);
    expect(await Promise.all(closed.map(each => each.isConnected()))).not.toContain(true);
    await orm.close();
    closed.push(orm);
  }
});

test('an ORM that reconnects is not closed', async () => {
  class Photo extends Base {}
  const files = new MikroOrmFiles();
  files.define(Photo as typeof Base, { image: { storage: new MemoryStorage() } });
  const orm = await connect(Photo, files);
  await orm.reconnect();
  expect(() => new MikroOrmFiles().define(Photo as typeof Base, { image: {} })).toThrow(REFUSED);
});

test('files of a closed ORM are refused once another one has their class', async () => {
  class Photo extends Base {}
  const [files, others] = [new MikroOrmFiles(), new MikroOrmFiles()];
  files.define(Photo as typeof Base, { image: { storage: new MemoryStorage() } });
  await (await connect(Photo, files)).close();
  others.define(Photo as typeof Base, { image: { storage: new MemoryStorage() } });
  await connect(Photo, others);
  await expect(connect(Photo, files)).rejects.toEqual(REFUSED);
});

test('classes of their own that extend one have their own files', async () => {
  class Photo extends Base {}
  class Archived extends Base {}
  const [storage, archive] = [new MemoryStorage(), new MemoryStorage()];
  const [files, archiveFiles] = [new MikroOrmFiles(), new MikroOrmFiles()];
  files.define(Photo as typeof Base, { image: { storage } });
  archiveFiles.define(Archived as typeof Base, { image: { storage: archive } });
  const [orm, archiveOrm] = [await connect(Photo, files), await connect(Archived, archiveFiles)];
  const [photo, archived] = [
    await insert(orm, Photo, 'a.txt'),
    await insert(archiveOrm, Archived, 'archived.txt'),
  ];
  await photo.image.save('saved', { name: 'saved.txt' });
  await archived.image.save('saved', { name: 'saved too.txt' });
  expect([await names(storage), await names(archive)]).toEqual([['saved.txt'], ['saved_too.txt']]);
  for (const [each, type] of [
    [orm, Photo],
    [archiveOrm, Archived],
  ] as const) {
    const em = each.em.fork();
    const found = await em.findOneOrFail(type, 1);
    found.image = file('flushed', 'flushed.txt');
    await em.flush();
  }
  expect([await names(storage), await names(archive)]).toEqual([['flushed.txt'], ['flushed.txt']]);
});
