import { setImmediate as turn } from 'node:timers/promises';
import { adopt, type FieldFile, file, noFile, upload } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import {
  Cascade,
  type Collection,
  type EntityManager,
  EntitySchema,
  FlushMode,
  MikroORM,
  OptimisticLockError,
  OptionalProps,
  RequestContext,
  wrap,
} from '@mikro-orm/libsql';
import { expect, onTestFinished, test } from 'vitest';
import { fileColumn, MikroOrmFiles } from './index.ts';

/** References are let go when a job ends, garbage then. */
async function collected(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await turn();
    globalThis.gc?.();
  }
}

/** An ORM on a database in memory with albums of photos. */
async function photoOrm() {
  class Album {
    declare id: number;
    declare photos: Collection<Photo>;
  }
  class Photo {
    declare [OptionalProps]?: 'version';
    declare id: number;
    declare title: string | null;
    declare image: FieldFile<Photo>;
    declare size: number | null;
    declare version: number;
    declare album: Album | null;
  }
  class Portrait extends Photo {}
  const schemas = [
    new EntitySchema<Album>({
      class: Album,
      properties: {
        id: { type: 'integer', primary: true },
        photos: { kind: '1:m', entity: () => Photo, mappedBy: 'album', cascade: [Cascade.REMOVE] },
      },
    }),
    new EntitySchema<Photo>({
      class: Photo,
      discriminatorColumn: 'kind',
      discriminatorValue: 'photo',
      properties: {
        id: { type: 'integer', primary: true },
        title: { type: 'text', nullable: true },
        image: fileColumn({ length: 60 }),
        size: { type: 'integer', nullable: true },
        version: { type: 'integer', version: true },
        album: { kind: 'm:1', entity: () => Album, nullable: true },
      },
    }),
    new EntitySchema<Portrait, Photo>({ class: Portrait, extends: Photo, discriminatorValue: 'portrait' }),
  ];
  const storage = new MemoryStorage();
  const files = new MikroOrmFiles();
  const { image } = files.define(Photo, { image: { storage, columns: { size: 'size' } } });
  const orm = await MikroORM.init({ entities: schemas as never, dbName: ':memory:' });
  files.attach(orm);
  await orm.schema.create();
  onTestFinished(() => orm.close());
  const objects = async (): Promise<string[]> => {
    const names: string[] = [];
    for await (const { name } of storage.list()) names.push(name);
    return names.sort();
  };
  const stored = async (): Promise<unknown[]> =>
    (await orm.em.getConnection().execute('SELECT image FROM photo ORDER BY id')).map(row => row.image);
  const insert = async (name: string, type: typeof Photo = Photo): Promise<number> => {
    const em = orm.em.fork();
    const photo = em.create(type, { image: file(`content of ${name}`, name) });
    await em.flush();
    return photo.id;
  };
  return { Album, Photo, Portrait, image, storage, orm, objects, stored, insert };
}

test('em.create and em.assign take files, and no bare string', async () => {
  const { Photo, orm, insert, stored, objects } = await photoOrm();
  const id = await insert('a.txt');
  expect(await stored()).toEqual(['a.txt']);
  const em = orm.em.fork();
  const photo = await em.findOneOrFail(Photo, id);
  em.assign(photo, { image: file('new', 'b.txt') });
  await em.flush();
  expect(await stored()).toEqual(['b.txt']);
  expect(await objects()).toEqual(['b.txt']);
  expect(() => em.assign(photo, { image: 'other.txt' } as never)).toThrow(
    /a bare string|cannot take the text/,
  );
  expect(() => em.create(Photo, { image: 'other.txt' } as never)).toThrow(/cannot take the text/);
});

test('the text of a column is compared in queries, and so is a stored file', async () => {
  const { Photo, orm, insert } = await photoOrm();
  const id = await insert('a.txt');
  const em = orm.em.fork();
  const found = await em.findOneOrFail(Photo, { image: 'a.txt' } as never);
  expect(found.id).toBe(id);
  expect(await orm.em.fork().count(Photo, { image: found.image })).toBe(1);
});

test('a reference has no file attribute, and changing it leaves column and object alone', async () => {
  const { Photo, image, orm, insert, stored } = await photoOrm();
  const id = await insert('a.txt');
  const em = orm.em.fork();
  const reference = em.getReference(Photo, id);
  expect(reference.image).toBeUndefined();
  expect(() => image.of(reference)).toThrow(expect.objectContaining({ code: 'deferred' }));
  reference.title = 'renamed';
  await em.flush();
  expect(await stored()).toEqual(['a.txt']);
  await em.refresh(reference);
  expect([reference.title, reference.image.name]).toEqual(['renamed', 'a.txt']);
});

test('a column loaded later has its file', async () => {
  const { Photo, orm, insert } = await photoOrm();
  const id = await insert('a.txt');
  const em = orm.em.fork();
  const partial = await em.findOneOrFail(Photo, id, { fields: ['title'] });
  expect((partial as { image?: unknown }).image).toBeUndefined();
  const whole = await em.findOneOrFail(Photo, id);
  expect(whole).toBe(partial);
  expect(whole.image.name).toBe('a.txt');
});

test('loading a row again keeps what was assigned', async () => {
  const { Photo, orm, insert, stored } = await photoOrm();
  const id = await insert('one.txt');
  const em = orm.em.fork();
  const photo = await em.findOneOrFail(Photo, id);
  photo.image = file('new', 'new.txt');
  await (await orm.em.fork().findOneOrFail(Photo, id)).image.save('other', { name: 'one.txt' });
  await em.find(Photo, {}, { flushMode: FlushMode.COMMIT });
  expect(photo.image.pending).toBe(true);
  expect(await stored()).not.toEqual(['new.txt']);
});

test.each<[string, (em: EntityManager, photo: object) => Promise<unknown>]>([
  ['em.refresh', (em, photo) => em.refresh(photo)],
  ['em.refreshOrFail', (em, photo) => em.refreshOrFail(photo)],
  ['wrap(row).init()', (_, photo) => wrap(photo).init()],
  [
    'em.find with refresh',
    (em, photo) =>
      em.find(photo.constructor as never, {}, { refresh: true, flushMode: FlushMode.COMMIT } as never),
  ],
  [
    'em.findOne with refresh',
    (em, photo) =>
      em.findOne(photo.constructor as never, photo as never, { refresh: true, flushMode: FlushMode.COMMIT }),
  ],
])('%s resets files as it does other properties', async (_, refresh) => {
  const { Photo, orm, storage, insert, stored, objects } = await photoOrm();
  const [id, other] = [await insert('one.txt'), await insert('two.txt')];
  const em = orm.em.fork();
  const [photo, empty] = [await em.findOneOrFail(Photo, id), await em.findOneOrFail(Photo, other)];
  const inputs = [file('new', 'new.txt'), adopt('two.txt'), noFile, 'uploaded'] as const;
  for (const input of inputs) {
    Object.assign(photo, {
      title: 'assigned',
      image: input === 'uploaded' ? file('uploaded', 'uploaded.txt') : input,
    });
    if (input === 'uploaded') await upload(photo);
    await refresh(em, photo);
    expect([photo.title, photo.image.name, photo.image.pending]).toEqual([null, 'one.txt', false]);
  }
  photo.image = file('new', 'new.txt');
  await (await orm.em.fork().findOneOrFail(Photo, id)).image.save('other', { name: 'other.txt' });
  empty.image = file('new', 'new.txt');
  await (await orm.em.fork().findOneOrFail(Photo, other)).image.delete();
  for (const row of [photo, empty]) await refresh(em, row);
  expect([photo.image.name, photo.image.pending, photo.size]).toEqual(['other.txt', false, 5]);
  expect([empty.image.name, empty.image.pending, empty.size]).toEqual([null, false, null]);
  await em.flush();
  expect([await stored(), await objects()]).toEqual([['other.txt', null], ['other.txt']]);
  await photo.image.save('last', { name: 'last.txt' });
  expect(await (await storage.open('last.txt')).text()).toBe('last');
});

test('a row that is refreshed in its transaction follows how that ends', async () => {
  const { Photo, orm, insert, stored, objects } = await photoOrm();
  const id = await insert('one.txt');
  let handle: FieldFile | undefined;
  const work = async (em: EntityManager): Promise<void> => {
    const photo = await em.findOneOrFail(Photo, id);
    handle = photo.image;
    await handle.save('new', { name: 'new.txt' });
    photo.image = file('dropped', 'dropped.txt');
    await em.refresh(photo);
    expect(handle.name).toBe('new.txt');
  };
  const abandoned = orm.em.transactional(async em => {
    await work(em);
    throw new Error('no');
  });
  await expect(abandoned).rejects.toThrow('no');
  expect([handle?.name, await stored(), await objects()]).toEqual(['one.txt', ['one.txt'], ['one.txt']]);
  await orm.em.transactional(work);
  expect([handle?.name, await stored(), await objects()]).toEqual(['new.txt', ['new.txt'], ['new.txt']]);
});

test('a flush that changes other columns writes neither name nor size, though both are old', async () => {
  const { Photo, orm, insert } = await photoOrm();
  const id = await insert('a.txt');
  const em = orm.em.fork();
  const photo = await em.findOneOrFail(Photo, id);
  await photo.image.save('mine', { name: 'mine.txt' });
  const connection = orm.em.getConnection();
  await connection.execute(`UPDATE photo SET image = 'foreign.txt', size = 99`);
  photo.title = 'renamed';
  await em.flush();
  expect(await connection.execute('SELECT title, image, size FROM photo')).toEqual([
    { title: 'renamed', image: 'foreign.txt', size: 99 },
  ]);
});

test('a flush without a change writes nothing after handle.save', async () => {
  const { Photo, orm, insert } = await photoOrm();
  const em = orm.em.fork();
  const photo = await em.findOneOrFail(Photo, await insert('a.txt'));
  await photo.image.save('mine', { name: 'mine.txt' });
  const { version } = photo;
  await em.flush();
  const [row] = await orm.em.getConnection().execute('SELECT version FROM photo');
  expect([version, row?.version]).toEqual([2, 2]);
});

test('handle.save raises the version: this row object can be flushed, an older one not', async () => {
  const { Photo, orm, insert } = await photoOrm();
  const id = await insert('a.txt');
  const [em, otherEm] = [orm.em.fork(), orm.em.fork()];
  const [photo, other] = [await em.findOneOrFail(Photo, id), await otherEm.findOneOrFail(Photo, id)];
  await photo.image.save('new', { name: 'new.txt' });
  photo.title = 'renamed';
  await em.flush();
  other.title = 'renamed, too';
  await expect(otherEm.flush()).rejects.toThrow(OptimisticLockError);
});

test('a version raised by handle.save in a transaction that rolls back is the old one again', async () => {
  const { Photo, orm, insert, stored } = await photoOrm();
  const em = orm.em.fork();
  const photo = await em.findOneOrFail(Photo, await insert('a.txt'));
  await expect(
    orm.em.transactional(async () => {
      await photo.image.save('new', { name: 'new.txt' });
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect([photo.version, photo.size]).toEqual([1, 16]);
  photo.title = 'renamed';
  await em.flush();
  expect(await stored()).toEqual(['a.txt']);
});

test('two objects of one row, merged after a transaction, share their file and copy none', async () => {
  const { Photo, orm, storage, insert, objects } = await photoOrm();
  const id = await insert('a.txt');
  const em = orm.em.fork();
  const photo = await em.findOneOrFail(Photo, id);
  expect(photo.image.name).toBe('a.txt');
  await em.transactional(
    async inner => {
      const same = await inner.findOneOrFail(Photo, id);
      expect(same).not.toBe(photo);
      same.image = file('new', 'new.txt');
    },
    { clear: true },
  );
  await em.flush();
  expect([photo.image.name, photo.image.pending]).toEqual(['new.txt', false]);
  expect(await objects()).toEqual(['new.txt']);
  expect(await (await storage.open('new.txt')).text()).toBe('new');
});

test('handle.save follows a transaction that a request has begun by hand', async () => {
  const { Photo, orm, insert, stored, objects } = await photoOrm();
  const id = await insert('a.txt');
  await RequestContext.create(orm.em, async () => {
    const photo = await orm.em.findOneOrFail(Photo, id);
    await orm.em.begin();
    await photo.image.save('new', { name: 'new.txt' });
    await orm.em.rollback();
    expect([photo.image.name, photo.version]).toEqual(['a.txt', 1]);
    await orm.em.begin();
    await photo.image.save('new', { name: 'new.txt' });
    await orm.em.commit();
  });
  expect([await stored(), await objects()]).toEqual([['new.txt'], ['new.txt']]);
});

test('work that goes on after its transaction is refused, also with a row of another entity manager', async () => {
  const { Photo, orm, insert, stored, objects } = await photoOrm();
  const id = await insert('a.txt');
  const photo = await orm.em.fork().findOneOrFail(Photo, id);
  let goOn = (): void => {};
  let later: Promise<void> | undefined;
  await orm.em.transactional(async () => {
    later = new Promise<void>(resolve => {
      goOn = resolve;
    }).then(() => photo.image.save('later', { name: 'later.txt' }));
  });
  goOn();
  await expect(later).rejects.toMatchObject({ code: 'transaction-ended' });
  expect([await stored(), await objects()]).toEqual([['a.txt'], ['a.txt']]);
  expect(photo.image.pending).toBe(false);
});

test('an entity manager keeps its rows until it is cleared, and a file keeps none', async () => {
  const { Photo, orm, insert } = await photoOrm();
  const id = await insert('a.txt');
  const em = orm.em.fork();
  const hold = async () => (await em.findOneOrFail(Photo, id)).image;
  const held = await hold();
  await collected();
  expect(held.owner).toBeDefined();
  em.clear();
  await collected();
  expect(held.owner).toBeUndefined();
  await held.save('by key', { name: 'by-key.txt' });
  expect(await held.stored?.text()).toBe('by key');
});

test('objects go with rows that are removed by cascade in the unit of work', async () => {
  const { Album, Photo, orm, objects } = await photoOrm();
  const em = orm.em.fork();
  const album = em.create(Album, {});
  for (const name of ['a.txt', 'b.txt']) em.create(Photo, { album, image: file(name, name) });
  await em.flush();
  expect(await objects()).toEqual(['a.txt', 'b.txt']);
  const other = orm.em.fork();
  await other.remove(await other.findOneOrFail(Album, album.id, { populate: ['photos'] })).flush();
  expect(await objects()).toEqual([]);
});

test('a reference that is removed takes its object with it', async () => {
  const { Photo, orm, insert, objects } = await photoOrm();
  const id = await insert('a.txt');
  const em = orm.em.fork();
  await em.remove(em.getReference(Photo, id)).flush();
  expect(await objects()).toEqual([]);
});

test('entities that extend another have its files', async () => {
  const { Photo, Portrait, orm, insert, stored } = await photoOrm();
  const id = await insert('a.txt', Portrait);
  const em = orm.em.fork();
  const portrait = await em.findOneOrFail(Photo, id);
  expect(portrait).toBeInstanceOf(Portrait);
  await portrait.image.save('new', { name: 'b.txt' });
  portrait.image = file('newer', 'c.txt');
  await em.flush();
  expect(await stored()).toEqual(['c.txt']);
});

test('several rows in one flush have a file each', async () => {
  const { Photo, orm, insert, stored, objects } = await photoOrm();
  for (const name of ['a.txt', 'b.txt', 'c.txt']) await insert(name);
  const em = orm.em.fork();
  const photos = await em.findAll(Photo, { orderBy: { id: 'asc' } });
  for (const photo of photos.slice(0, 2)) photo.image = file('new', 'new.txt');
  for (const photo of photos) photo.title = 'renamed';
  await em.flush();
  const names = await stored();
  expect(names[2]).toBe('c.txt');
  expect(new Set(names).size).toBe(3);
  expect(await objects()).toEqual([...names].sort());
});

test('a failed upload leaves the other files of the flush pending, and a second flush stores them all', async () => {
  const { Photo, orm, insert, stored, objects } = await photoOrm();
  const em = orm.em.fork();
  const [one, two] = [
    await em.findOneOrFail(Photo, await insert('one.txt')),
    await em.findOneOrFail(Photo, await insert('two.txt')),
  ];
  one.image = file('new', 'new.txt');
  two.image = adopt('missing.txt');
  await expect(em.flush()).rejects.toMatchObject({ code: 'not-found' });
  expect(await objects()).toEqual(['one.txt', 'two.txt']);
  two.image = file('new', 'other.txt');
  await em.flush();
  expect(await stored()).toEqual(['new.txt', 'other.txt']);
});

test('a file uploaded for a row that is removed instead goes with it', async () => {
  const { Photo, orm, insert, objects } = await photoOrm();
  const em = orm.em.fork();
  const photo = await em.findOneOrFail(Photo, await insert('a.txt'));
  photo.image = file('new', 'new.txt');
  await upload(photo);
  await em.remove(photo).flush();
  expect(await objects()).toEqual([]);
});

test('native queries take names and null only, and no SQL ever has what stands for a file', async () => {
  const { Photo, orm, insert, stored, objects } = await photoOrm();
  await insert('a.txt');
  const image = file('new', 'new.txt');
  const photo = Object.assign(new Photo(), { image });
  const other = (await orm.em.fork().findAll(Photo))[0];
  const attempts = [
    () => orm.em.fork().insert(photo),
    () => orm.em.fork().insertMany([photo]),
    () => orm.em.fork().upsert(photo),
    () => orm.em.fork().insert(Photo, { image: file('x', 'x.txt') }),
    () => orm.em.fork().nativeUpdate(Photo, {}, { image: file('x', 'x.txt') }),
    () => orm.em.fork().nativeUpdate(Photo, {}, { image: other?.image } as never),
    () =>
      orm.em
        .fork()
        .createQueryBuilder(Photo)
        .update({ image: file('x', 'x.txt') })
        .execute(),
    () => orm.em.fork().find(Photo, { image: photo.image }),
  ];
  for (const attempt of attempts) {
    const refused = Promise.resolve().then<unknown>(attempt);
    await expect(refused, `${attempt}`).rejects.toMatchObject({ code: 'unsupported' });
  }
  expect([await stored(), await objects()]).toEqual([['a.txt'], ['a.txt']]);
});

test('what MikroORM does not know as a file is refused when it is attached', async () => {
  class Photo {
    declare id: number;
    declare image: FieldFile<Photo>;
  }
  const properties = { id: { type: 'integer', primary: true }, image: { type: 'text', nullable: true } };
  const files = new MikroOrmFiles();
  files.define(Photo, { image: {} });
  const entity = new EntitySchema<Photo>({ class: Photo, properties: properties as never });
  const orm = await MikroORM.init({ entities: [entity], dbName: ':memory:' });
  onTestFinished(() => orm.close());
  expect(() => files.attach(orm)).toThrow(/Photo\.image is no file to MikroORM/);
});

test('what asks for the ORM before it is attached is told so', async () => {
  class Photo {
    declare id: number;
    declare image: FieldFile<Photo>;
  }
  const { image } = new MikroOrmFiles().define(Photo, { image: { storage: new MemoryStorage() } });
  await expect(image.byKey({ id: 1 })).rejects.toThrow(/call attach\(orm\)/);
  const photo = new Photo();
  expect(photo.image.name).toBeNull();
});

test('a class field that would hide the accessor is refused', () => {
  class Photo {
    declare id: number;
    image: FieldFile<Photo> = null as never;
  }
  expect(() => new MikroOrmFiles().define(Photo, { image: {} })).toThrow(
    expect.objectContaining({ code: 'shadowed-field' }),
  );
});
