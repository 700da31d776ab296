import { file, upload } from '@fieldfile/core';
import { startPostgres } from '@fieldfile/test-servers/postgres';
import type { DataSource, QueryRunner } from 'typeorm';
import { afterAll, expect, test } from 'vitest';
import { openPhotos } from '../test/photos.ts';

const postgres = await startPostgres();
afterAll(() => postgres[Symbol.asyncDispose]());

async function begun(dataSource: DataSource): Promise<QueryRunner> {
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  return runner;
}

test('stores files of entities that a save cascades to', async () => {
  await using photos = await openPhotos();
  const album = photos.albums.create({});
  album.photos = [photos.repository.create({ image: file('a', 'a.png') })];
  await photos.albums.save(album);
  expect((await photos.repository.findOneByOrFail({})).image.name).toBe('a.png');
});

test.each(['committed', 'rolled back'])(
  'files follow a transaction begun on a query runner that is %s',
  async end => {
    await using photos = await openPhotos();
    const photo = await photos.saved('old.png');
    const runner = await begun(photos.dataSource);
    photo.image = file('new', 'new.png');
    await runner.manager.save(photo);
    expect(await photos.objects()).toEqual(['new.png', 'old.png']);
    await (end === 'committed' ? runner.commitTransaction() : runner.rollbackTransaction());
    const left = end === 'committed' ? 'new.png' : 'old.png';
    await expect.poll(photos.objects).toEqual([left]);
    expect((await photos.repository.findOneByOrFail({})).image.name).toBe(left);
  },
);

test('a savepoint rolled back on a query runner takes back its own file only', async () => {
  await using photos = await openPhotos();
  const [one, two] = [await photos.saved('one.png'), await photos.saved('two.png')];
  const runner = await begun(photos.dataSource);
  one.image = file('new', 'kept.png');
  await runner.manager.save(one);
  await runner.startTransaction();
  two.image = file('new', 'undone.png');
  await runner.manager.save(two);
  await runner.rollbackTransaction();
  await runner.commitTransaction();
  await expect.poll(photos.objects).toEqual(['kept.png', 'two.png']);
});

test('what names no row object is refused where it would write a file', async () => {
  await using photos = await openPhotos();
  const { id } = await photos.saved('a.png');
  const { repository, dataSource } = photos;
  const image = file('x', 'x.png');
  const query = () => dataSource.createQueryBuilder();
  const refused = [
    () => repository.upsert({ id, image }, ['id']),
    () => repository.insert({ image }),
    () => repository.insert({ image: 'a.png' as never }),
    () => repository.save({ id, image: 'b.png' as never }),
    () => repository.save({ id, image: null as never }),
    () => repository.update(id, { image: 'a.png' as never }),
    () =>
      query()
        .update(repository.target)
        .set({ image: null as never })
        .where({ id })
        .execute(),
    () => query().insert().into(repository.target).values({ image }).callListeners(false).execute(),
  ];
  for (const write of refused) await expect(write()).rejects.toMatchObject({ code: 'invalid-argument' });
  expect((await repository.findOneByOrFail({ id })).image.name).toBe('a.png');
  expect(await photos.objects()).toEqual(['a.png']);
});

test('an entity that is plainly made or updated needs no file', async () => {
  await using photos = await openPhotos();
  await photos.repository.insert({ title: 'plain' });
  await photos.repository.save({ title: 'saved' });
  await photos.repository.update({ title: 'saved' }, { title: 'updated' });
  expect((await photos.repository.find()).map(({ title, image }) => [title, image.name])).toEqual([
    ['plain', null],
    ['updated', null],
  ]);
});

test('a criterion that is empty or has no value updates and deletes nothing', async () => {
  await using photos = await openPhotos();
  const { repository } = photos;
  await photos.saved('a.png');
  for (const criteria of [{}, [], { id: undefined }]) {
    const image = file('x', 'x.png');
    await repository.update(criteria as never, { image }).catch(() => {});
    await repository.delete(criteria as never).catch(() => {});
  }
  expect(await photos.objects()).toEqual(['a.png']);
  expect((await repository.findOneByOrFail({})).image.name).toBe('a.png');
});

test('ids serve as criteria', async () => {
  await using photos = await openPhotos();
  const { repository } = photos;
  const [one, two] = [await photos.saved('one.png'), await photos.saved('two.png')];
  const result = await repository.update([one.id, two.id], { title: 'both', image: file('x', 'x.png') });
  expect(result.affected).toBe(2);
  expect(await repository.countBy({ title: 'both' })).toBe(2);
  await repository.delete(one.id);
  expect(await photos.objects()).toEqual([(await repository.findOneByOrFail({})).image.name]);
});

test('on one connection a call does not land in the transaction of another', async () => {
  await using photos = await openPhotos();
  const { dataSource, repository } = photos;
  const opened = Promise.withResolvers<void>();
  const transaction = dataSource.transaction(async manager => {
    await manager.save(repository.create({ image: file('x', 'inner.png') }));
    opened.resolve();
    await new Promise(resolve => setImmediate(resolve));
    throw new Error('rolled back');
  });
  await opened.promise;
  const other = repository.save(repository.create({ image: file('x', 'other.png') }));
  await expect(transaction).rejects.toThrow('rolled back');
  await other;
  expect((await repository.find()).map(({ image }) => image.name)).toEqual(['other.png']);
  expect(await photos.objects()).toEqual(['other.png']);
});

test('a pool of one connection is enough for many saves at once, with the journal beside it', async () => {
  const url = await postgres.createDatabase();
  await using photos = await openPhotos({ type: 'postgres', url, poolSize: 1 });
  const all = await Promise.all(['a.png', 'b.png', 'c.png'].map(photos.saved));
  for (const photo of all) photo.image = file('new', `new-${photo.id}.png`);
  await Promise.all(all.map(photo => photos.repository.save(photo)));
  await Promise.all(all.map(photo => photo.image.save('newer', { name: `newer-${photo.id}.png` })));
  expect(await photos.objects()).toEqual(['newer-1.png', 'newer-2.png', 'newer-3.png']);
  expect(await photos.journal.entries()).toEqual([]);
});

test('a COMMIT that PostgreSQL makes a ROLLBACK is an error, and leaves the old file', async () => {
  const url = await postgres.createDatabase();
  await using photos = await openPhotos({ type: 'postgres', url });
  const photo = await photos.saved('old.png');
  const transaction = photos.dataSource.transaction(async manager => {
    photo.image = file('new', 'new.png');
    await manager.save(photo);
    await manager.query('SELECT nothing').catch(() => {});
  });
  await expect(transaction).rejects.toThrow('transaction is aborted');
  expect(await photos.objects()).toEqual(['old.png']);
  expect(photo.image.name).not.toBe('new.png');
});

test('a transaction in which one of several rows could not be saved cannot commit the others', async () => {
  await using photos = await openPhotos();
  const old = await photos.saved('old.png');
  await photos.dataSource.query(
    "CREATE TRIGGER frozen BEFORE UPDATE ON photo BEGIN SELECT RAISE(ABORT, 'is frozen'); END",
  );
  old.image = file('b', 'b.png');
  const committing = photos.dataSource.transaction(manager =>
    expect(manager.save([photos.repository.create({ image: file('a', 'a.png') }), old])).rejects.toThrow(
      'is frozen',
    ),
  );
  await expect(committing).rejects.toThrow('is frozen');
  await expect.poll(photos.objects).toEqual(['old.png']);
  expect(await photos.repository.count()).toBe(1);
});

test('what was uploaded is undone when the row cannot be written', async () => {
  await using photos = await openPhotos();
  const photo = photos.repository.create({ image: file('x', 'x.png') });
  await upload(photo);
  expect(await photos.objects()).toEqual(['x.png']);
  photo.title = { no: 'column takes this' } as never;
  await expect(photos.repository.save(photo)).rejects.toThrow();
  expect(await photos.objects()).toEqual([]);
  expect(photo.image.pending).toBe(true);
});
