import { setImmediate as turn } from 'node:timers/promises';
import { type FieldFile, file, upload } from '@fieldfile/core';
import { RequestContext } from '@mikro-orm/core';
import { describe, expect, test } from 'vitest';
import { databases } from './photo-orm.ts';

const ENDED = expect.objectContaining({ code: 'transaction-ended' });

/** Content whose end waits. */
function slowContent() {
  const begun = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        begun.resolve();
        await going.promise;
        controller.enqueue(new TextEncoder().encode('late'));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, begun: begun.promise, goOn: going.resolve };
}

/** Looked at later. */
function begun<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}

async function turns(count = 20): Promise<void> {
  for (let index = 0; index < count; index++) await turn();
}

class Abandoned extends Error {}

const all = databases();
const sqlite = all[0][1];

describe.each(all)('transactions of MikroORM on %s', (_, open) => {
  test('what outlives its transaction is refused, and what is begun outside() is not', async () => {
    const { Photo, files, orm, insert, images } = await open();
    const [one, two] = [await insert('one'), await insert('two')];
    const late = slowContent();
    let refused: Promise<unknown> | undefined;
    let outside: Promise<unknown> | undefined;
    let fork = orm.em;
    await orm.em.transactional(async em => {
      fork = em;
      const [first, second] = [await em.findOneOrFail(Photo, one), await em.findOneOrFail(Photo, two)];
      refused = begun(first.image.save(late.stream, { name: 'refused.txt' }));
      outside = files.outside(async () => {
        await late.begun;
        await turns();
        await second.image.save('outside', { name: 'outside.txt' });
      });
      await late.begun;
    });
    late.goOn();
    await expect(refused).rejects.toEqual(ENDED);
    await outside;
    expect(await images()).toEqual({ one: 'one.txt', two: 'outside.txt' });
    await expect(fork.flush()).rejects.toEqual(ENDED);
  });

  test.each(['commit', 'rollback'] as const)(
    'work of a transaction begun by hand is refused after its %s, and does not get into the next one',
    async end => {
      const { Photo, orm, insert, images } = await open();
      const [one, two] = [await insert('one'), await insert('two')];
      await RequestContext.create(orm.em, async () => {
        const [first, second] = [
          await orm.em.findOneOrFail(Photo, one),
          await orm.em.findOneOrFail(Photo, two),
        ];
        const late = slowContent();
        await orm.em.begin();
        const saving = begun(first.image.save(late.stream, { name: 'late.txt' }));
        await late.begun;
        await orm.em[end]();
        await orm.em.begin();
        late.goOn();
        await expect(saving).rejects.toEqual(ENDED);
        await second.image.save('next', { name: 'next.txt' });
        await orm.em.commit();
        expect([first.image.name, second.image.name]).toEqual(['one.txt', 'next.txt']);
      });
      expect(await images()).toEqual({ one: 'one.txt', two: 'next.txt' });
    },
  );

  test('a flush that still uploads when its transaction is rolled back by hand writes nothing', async () => {
    const { Photo, orm, insert, images } = await open();
    const em = orm.em.fork();
    const photo = await em.findOneOrFail(Photo, await insert('one'));
    const late = slowContent();
    await em.begin();
    photo.image = file(late.stream, 'late.txt');
    const flushing = begun(em.flush());
    await late.begun;
    await em.rollback();
    late.goOn();
    await expect(flushing).rejects.toEqual(ENDED);
    expect(await images()).toEqual({ one: 'one.txt' });
  });

  test('a savepoint that is not awaited is refused at once, though the transaction has more to flush', async () => {
    const { Photo, orm, insert, images } = await open();
    const id = await insert('one');
    const going = Promise.withResolvers<void>();
    let nested: Promise<unknown> | undefined;
    const transaction = orm.em.transactional(async em => {
      const photo = await em.findOneOrFail(Photo, id);
      const started = Promise.withResolvers<void>();
      nested = begun(
        em.transactional(async inner => {
          started.resolve();
          await going.promise;
          inner.create(Photo, { title: 'nested', image: file('nested', 'nested.txt') });
        }),
      );
      await started.promise;
      photo.image = file('new', 'new.txt');
    });
    await expect(transaction).rejects.toEqual(ENDED);
    going.resolve();
    await expect(nested).rejects.toEqual(ENDED);
    expect(await images()).toEqual({ one: 'one.txt' });
  });

  test('an outer entity manager that is used within a savepoint belongs to the savepoint', async () => {
    const { Photo, orm, insert, images } = await open({ siblingWaitSeconds: 1 });
    const [one, two] = [await insert('one'), await insert('two')];
    let handle: FieldFile | undefined;
    await orm.em.transactional(async em => {
      const photo = await em.findOneOrFail(Photo, one);
      handle = photo.image;
      const nested = em.transactional(async () => {
        photo.image = file('new', 'new.txt');
        await em.flush();
        await em.transactional(async () => {
          await (await em.findOneOrFail(Photo, two)).image.save('deep', { name: 'deep.txt' });
        });
        throw new Abandoned();
      });
      await expect(nested).rejects.toThrow(Abandoned);
      em.clear(); // to MikroORM the row has the version of the savepoint
    });
    expect(await images()).toEqual({ one: 'one.txt', two: 'two.txt' });
    expect(handle?.pending).toBe(true);
  });

  test('a savepoint that cannot begin lets the next one', async () => {
    const { Photo, orm, insert, images } = await open();
    await insert('one');
    const failed = await orm.em
      .transactional(async em => {
        await em
          .getConnection()
          .execute('SELECT * FROM nowhere', [], 'all', em.getTransactionContext())
          .catch(() => {});
        for (let attempt = 0; attempt < 3; attempt++)
          await em.transactional(inner => inner.count(Photo)).catch(() => {});
        await (await em.findOneOrFail(Photo, { title: 'one' })).image.save('new', { name: 'new.txt' });
      })
      .catch(error => error as Error);
    if (failed) expect(failed.message).toMatch(/current transaction is aborted/);
    expect(await images()).toEqual({ one: failed ? 'one.txt' : 'new.txt' });
  });

  test('a flush that nobody awaited and that fails lets the flush at the end of the transaction run', async () => {
    const { Photo, orm, insert, images } = await open();
    const id = await insert('one');
    let unawaited: Promise<unknown> | undefined;
    const transaction = orm.em.transactional(async em => {
      const photo = await em.findOneOrFail(Photo, id);
      em.create(Photo, { title: 'one', image: file('again', 'again.txt') });
      unawaited = begun(em.flush());
      photo.image = file('new', 'new.txt');
    });
    const outcome = await transaction.catch(error => error as Error);
    await expect(unawaited).rejects.toThrow(/unique/i);
    if (outcome) expect(outcome.message).toMatch(/current transaction is aborted/);
    expect(await images()).toEqual({ one: outcome ? 'one.txt' : 'new.txt' });
  });

  test('a file whose savepoint failed is written by the transaction', async () => {
    const { Photo, orm, insert, images } = await open();
    await insert('one');
    await orm.em.transactional(async em => {
      const photo = em.create(Photo, { title: 'one', image: file('again', 'again.txt') });
      await upload(photo);
      await expect(em.transactional(inner => inner.persist(photo).flush())).rejects.toThrow(/unique/i);
      photo.title = 'two';
      await em.persist(photo).flush();
    });
    expect(await images()).toEqual({ one: 'one.txt', two: expect.stringMatching(/^again/) });
  });

  test('a row whose insert was rolled back is as before, and is inserted anew', async () => {
    const { Photo, orm, sql, images } = await open();
    const photo = Object.assign(new Photo(), { title: 'draft' });
    photo.image = file('draft', 'draft.txt');
    const em = orm.em.fork();
    await em.begin();
    await em.persist(photo).flush();
    const { id } = photo;
    expect(photo.image.reference().key).toEqual({ id });
    expect([photo.version, photo.made instanceof Date]).toEqual([1, true]);
    await em.rollback();
    expect(photo.image.reference().key).toBeNull();
    expect([photo.id, photo.version, photo.made, photo.title]).toEqual([
      undefined,
      undefined,
      undefined,
      'draft',
    ]);
    expect(await images()).toEqual({});
    await sql(`INSERT INTO photos (id, title, version) VALUES (${id}, 'another', 1)`);
    await sql(`INSERT INTO photos (id, title, version) VALUES (${id + 1}, 'and another', 1)`);
    if (photo.image.name === null) photo.image = file('draft', 'draft.txt');
    await em
      .persist(photo)
      .flush()
      .catch(() => em.persist(photo).flush());
    expect(await images()).toEqual({ another: null, 'and another': null, draft: 'draft.txt' });
    await em.clear();
    expect((await em.findOneOrFail(Photo, { title: 'draft' })).image.name).toBe('draft.txt');
  });

  test('of two rows of one flush the second fails: the first can be inserted anew, and nothing is left', async () => {
    const { Photo, orm, insert, images } = await open();
    await insert('taken');
    const em = orm.em.fork();
    const draft = (title: string) =>
      Object.assign(new Photo(), { title, image: file(title, `${title}-new.txt`) });
    const [one, two] = [draft('one'), draft('taken')];
    await expect(em.persist([one, two]).flush()).rejects.toThrow(/unique/i);
    expect(await images()).toEqual({ taken: 'taken.txt' });
    expect([one.id, two.id]).toEqual([undefined, undefined]);
    two.title = 'two';
    for (const photo of [one, two]) photo.image = file(photo.title, `${photo.title}.txt`);
    await orm.em.fork().persist([one, two]).flush();
    expect(await images()).toEqual({ taken: 'taken.txt', one: 'one.txt', two: 'two.txt' });
  });

  test.each([1, 2])(
    'requests at once on a pool of %i that fail, nest and catch leave nothing',
    async poolSize => {
      const { Photo, orm, insert, images } = await open({ poolSize });
      const titles = Array.from({ length: 8 }, (_, index) => `photo ${index}`);
      const ids: number[] = [];
      for (const title of titles) ids.push(await insert(title));
      const request = (id: number, index: number): Promise<unknown> =>
        orm.em.fork().transactional(async em => {
          const photo = await em.findOneOrFail(Photo, id);
          const breaks = async (inner: typeof em): Promise<void> => {
            (await inner.findOneOrFail(Photo, id)).image = file('broken', 'broken.txt');
            await inner.flush();
            throw new Abandoned();
          };
          const broken = em.transactional(breaks, { clear: true });
          const kept = em.transactional(inner =>
            inner.create(Photo, { title: `made ${index}`, image: file('made', 'made.txt') }),
          );
          await Promise.allSettled([broken, kept]);
          if (index % 2 === 0) photo.image = file('new', `new ${index}.txt`);
          else await photo.image.save('new', { name: `new ${index}.txt` });
          if (index % 4 === 3) throw new Abandoned();
        });
      await Promise.allSettled(ids.map(request));
      const names = await images();
      for (const [index, title] of titles.entries())
        expect(names[title]).toBe(index % 4 === 3 ? `photo_${index}.txt` : `new_${index}.txt`);
      expect(Object.keys(names)).toHaveLength(8 + 6);
    },
  );
});

test('on SQLite a statement may fail and be tried again in one transaction, and the file is stored once', async () => {
  const { Photo, orm, insert, images } = await sqlite();
  await insert('one');
  await orm.em.transactional(async em => {
    const photo = em.create(Photo, { title: 'one', image: file('again', 'again.txt') });
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(em.persist(photo).flush()).rejects.toThrow(/unique/i);
    photo.title = 'two';
    await em.persist(photo).flush();
    const dropped = em.create(Photo, { title: 'one', image: file('dropped', 'dropped.txt') });
    await expect(em.flush()).rejects.toThrow(/unique/i);
    em.getUnitOfWork().unsetIdentity(dropped);
  });
  expect(await images()).toEqual({ one: 'one.txt', two: 'again.txt' });
});

test('a connection that is lost in a transaction takes its files with it', async () => {
  const { Photo, orm, insert, images, sql } = await all[1][1]();
  const id = await insert('one');
  const em = orm.em.fork();
  const photo = await em.findOneOrFail(Photo, id);
  const transaction = em.transactional(async inner => {
    (await inner.findOneOrFail(Photo, id)).image = file('new', 'new.txt');
    await inner.flush();
    const [backend] = await inner.execute('SELECT pg_backend_pid() AS pid');
    await sql(`SELECT pg_terminate_backend(${backend?.pid})`);
    await inner.count(Photo);
  });
  await expect(transaction).rejects.toThrow();
  expect(await images()).toEqual({ one: 'one.txt' });
  expect([photo.image.name, photo.image.pending]).toEqual([null, true]);
});
