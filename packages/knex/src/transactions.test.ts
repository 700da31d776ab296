import { file, model } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { postgresContract } from '@fieldfile/test-servers/databases';
import knex, { type Knex } from 'knex';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { KnexFiles } from './knex-files.ts';

const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());

interface Photo {
  id: number;
  title: string | null;
  image: string | null;
}

async function connect(kind: string): Promise<Knex> {
  const db =
    kind === 'SQLite'
      ? knex({ client: 'better-sqlite3', connection: { filename: ':memory:' }, useNullAsDefault: true })
      : knex({ client: 'pg', connection: (await postgres.open()).url, pool: { min: 0, max: 2 } });
  onTestFinished(() => db.destroy());
  await db.schema.dropTableIfExists('photos');
  await db.schema.createTable('photos', table => {
    table.increments('id');
    table.text('title');
    if (kind === 'PostgreSQL') table.unique(['title'], { deferrable: 'deferred', useConstraint: true });
    table.text('image');
  });
  return db;
}

async function fixture(kind: string) {
  const db = await connect(kind);
  const storage = new MemoryStorage();
  const files = new KnexFiles(db);
  const photos = files.define(model<Photo>()('photos', 'id'), { image: { storage } });
  const insert = (name: string, title: string | null = null) =>
    photos.insert({ title, image: file(name, name) });
  const rows = () => db<Photo>('photos').orderBy('image').pluck('image');
  const objects = async () => (await Array.fromAsync(storage.list())).map(({ name }) => name as string);
  return { db, files, photos, insert, rows, objects };
}

const failed = new Error('failed');

describe.each(['SQLite', 'PostgreSQL'])("Knex's own transactions on %s", kind => {
  test('files follow a transaction with a callback, committed and rolled back', async () => {
    const { db, photos, insert, rows, objects } = await fixture(kind);
    const photo = await insert('old.png');
    const failing = db.transaction(async trx => {
      await photos.fields.image.of(photo).save('undone', { name: 'undone.png' });
      await trx('photos').insert({ title: 'of Knex' });
      throw failed;
    });
    await expect(failing).rejects.toBe(failed);
    expect([photo.image, await rows(), await objects()]).toEqual(['old.png', ['old.png'], ['old.png']]);
    const result = await db.transaction(async trx => {
      await photos.fields.image.of(photo).save('new', { name: 'new.png' });
      return trx('photos').first('image');
    });
    expect([result, await rows(), await objects()]).toEqual([{ image: 'new.png' }, ['new.png'], ['new.png']]);
  });

  test.each(['transaction', 'savepoint'] as const)(
    'a savepoint by trx.%s takes back its own files',
    async begin => {
      const { db, insert, rows, objects } = await fixture(kind);
      await db.transaction(async trx => {
        await insert('outer.png');
        await trx[begin](() => insert('kept.png'));
        const undone = trx[begin](async () => {
          await insert('undone.png');
          throw failed;
        });
        await expect(undone).rejects.toBe(failed);
      });
      expect(await rows()).toEqual(['kept.png', 'outer.png']);
      expect(await objects()).toEqual(['kept.png', 'outer.png']);
    },
  );

  test.each(['transaction', 'transactionProvider'] as const)(
    'files follow what db.%s begins, and commit and rollback end',
    async begin => {
      const { db, files, insert, rows, objects } = await fixture(kind);
      const open = (): Promise<Knex.Transaction> =>
        begin === 'transaction' ? db.transaction() : db.transactionProvider()();
      for (const name of ['kept.png', 'undone.png', 'without-an-error.png']) {
        const trx = await open();
        await files.transacting(trx, () => insert(name));
        if (name === 'kept.png') await trx.commit();
        else if (name === 'undone.png') await trx.rollback(failed);
        else await trx.rollback();
        expect([trx.isCompleted(), await rows(), await objects()]).toEqual([
          true,
          ['kept.png'],
          ['kept.png'],
        ]);
      }
    },
  );

  test('savepoints begun by hand end by hand', async () => {
    const { db, files, insert, rows, objects } = await fixture(kind);
    const trx = await db.transaction({ doNotRejectOnRollback: false });
    await files.transacting(trx, () => insert('outer.png'));
    for (const [name, options] of [
      ['kept.png', {}],
      ['undone.png', {}],
      ['rejected.png', { doNotRejectOnRollback: false }],
    ] as const) {
      const inner = await trx.transaction(null, options);
      expect(inner.parentTransaction).toBe(trx);
      await files.transacting(inner, () => insert(name));
      await (name === 'kept.png' ? inner.commit() : inner.rollback());
    }
    await trx.commit();
    expect(await rows()).toEqual(['kept.png', 'outer.png']);
    expect(await objects()).toEqual(['kept.png', 'outer.png']);
  });

  test('a callback without a promise ends its transaction by commit or rollback', async () => {
    const { db, insert, rows, objects } = await fixture(kind);
    const value = db.transaction<string>(trx => {
      insert('kept.png').then(() => trx.commit('done'), trx.rollback);
    });
    expect(await value).toBe('done');
    const failing = db.transaction(trx => {
      insert('undone.png').then(() => trx.rollback(failed));
    });
    await expect(failing).rejects.toBe(failed);
    expect([await rows(), await objects()]).toEqual([['kept.png'], ['kept.png']]);
  });

  test.each(['db', 'files'] as const)(
    'a callback with a promise may end the transaction of %s.transaction before that',
    async by => {
      const opened = await fixture(kind);
      const { insert, rows, objects } = opened;
      const committed = opened[by].transaction(async trx => {
        await insert('kept.png');
        await trx.commit('early');
        expect(await rows()).toEqual(['kept.png']);
        return 'late';
      });
      expect(await committed).toBe('early');
      const rolledBack = opened[by].transaction(async trx => {
        await insert('undone.png');
        await trx.rollback();
        expect(await objects()).toEqual(['kept.png']);
        throw failed;
      });
      expect(await rolledBack).toBeUndefined();
      expect([await rows(), await objects()]).toEqual([['kept.png'], ['kept.png']]);
    },
  );

  test('what is begun by hand cannot commit with a savepoint open in it, and commit says so', async () => {
    const { db, files, insert, rows, objects } = await fixture(kind);
    const trx = await db.transaction();
    await files.transacting(trx, () => insert('outer.png'));
    const inner = await trx.transaction();
    await files.transacting(inner, () => insert('inner.png'));
    await expect(trx.commit()).rejects.toMatchObject({ code: 'transaction-ended' });
    await inner.commit().catch(() => {});
    expect([await rows(), await objects()]).toEqual([[], []]);
  });

  test('work that comes after the end of what was begun by hand writes nothing', async () => {
    const { db, files, insert, rows, objects } = await fixture(kind);
    const trx = await db.transaction();
    await trx.commit();
    const late = files.transacting(trx, () => insert('late.png'));
    await expect(late).rejects.toMatchObject({ code: 'transaction-ended', applied: false });
    expect([await rows(), await objects()]).toEqual([[], []]);
  });

  test('a transaction that is not known is refused before anything is written', async () => {
    const db = await connect(kind);
    const before = await db.transaction();
    const files = new KnexFiles(db);
    const photos = files.define(model<Photo>()('photos', 'id'), { image: { storage: new MemoryStorage() } });
    const insert = () => photos.insert({ image: file('a', 'a.png') });
    expect(() => files.transacting(before, insert)).toThrow(/not known.*begun before/);
    await before.rollback();
    const copy = db.withUserParams({});
    const apart = await copy.transaction();
    expect(() => files.transacting(apart, insert)).toThrow(/not known.*another database object/);
    await apart.rollback();
    expect(() => new KnexFiles(before)).toThrow(/not a transaction/);
    expect(await db('photos')).toEqual([]);
  });

  test('all KnexFiles of a database follow one transaction, which is begun once', async () => {
    const { db, insert, objects } = await fixture(kind);
    const storage = new MemoryStorage();
    for (let count = 0; count < 3; count++) new KnexFiles(db);
    const others = new KnexFiles(db).define(model<Photo>()('photos', 'id'), { image: { storage } });
    const sent: string[] = [];
    db.on('query', ({ sql }) => sent.push(sql));
    const failing = db.transaction(async () => {
      await insert('one.png');
      await others.insert({ image: file('two', 'two.png') });
      throw failed;
    });
    await expect(failing).rejects.toBe(failed);
    expect([await objects(), await Array.fromAsync(storage.list())]).toEqual([[], []]);
    expect(sent.filter(sql => /^(begin|rollback|savepoint)/i.test(sql))).toEqual([
      'BEGIN;',
      ...(kind === 'SQLite' ? ['SAVEPOINT fieldfile'] : []), // may end a transaction by itself
      'ROLLBACK',
    ]);
  });

  test('a savepoint that cannot be rolled back keeps its transaction from committing', async () => {
    const { db, insert, rows, objects } = await fixture(kind);
    const sent: string[] = [];
    db.on('query', ({ sql }) => sent.push(sql));
    const failing = db.transaction(async trx => {
      await insert('outer.png');
      const inner = trx.transaction(async innermost => {
        await insert('inner.png');
        const savepoint = sent.findLast(sql => sql.startsWith('SAVEPOINT'));
        await innermost.raw(`RELEASE ${savepoint}`);
        throw failed;
      });
      await expect(inner).rejects.toBe(failed);
    });
    await expect(failing).rejects.toThrow(/no such savepoint|does not exist/);
    expect([await rows(), await objects()]).toEqual([[], []]);
  });

  test('trx.executionPromise tells how it ended, as without files', async () => {
    const { db, files, insert } = await fixture(kind);
    const kept = await db.transaction();
    await files.transacting(kept, () => insert('kept.png'));
    await kept.commit('value');
    expect(await kept.executionPromise).toBe('value');
    const plain = await db.transaction();
    await plain.rollback();
    expect(await plain.executionPromise).toBeUndefined();
    const rejected = await db.transaction();
    await rejected.rollback(failed);
    await expect(rejected.executionPromise).rejects.toBe(failed);
  });

  test('a savepoint that nobody awaits goes with its transaction, whatever it does', async () => {
    const { db, insert, rows, objects } = await fixture(kind);
    const failing = () => Promise.reject(failed);
    for (const goesOn of [async () => {}, () => insert('late.png'), failing]) {
      const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      let nested: Promise<unknown> | undefined;
      const transaction = db.transaction(async trx => {
        nested = trx.transaction(async () => {
          await insert('inner.png');
          begun.resolve();
          await gate.promise;
          return goesOn();
        });
        nested.catch(() => {});
        await begun.promise;
      });
      await expect(transaction).rejects.toMatchObject({ code: 'transaction-ended' });
      const sent: string[] = [];
      db.on('query', ({ sql }) => sent.push(sql));
      gate.resolve();
      await expect(nested).rejects.toMatchObject(
        goesOn === failing ? { message: 'failed' } : { code: 'transaction-ended' },
      );
      expect([[...sent], await rows(), await objects()]).toEqual([[], [], []]);
    }
  });

  test('a transaction that cannot begin says why, and its work does not run', async () => {
    const { db } = await fixture(kind);
    await db.destroy();
    const ran: string[] = [];
    await expect(db.transaction(async () => ran.push('ran'))).rejects.toThrow();
    await expect(db.transaction()).rejects.toThrow();
    expect(ran).toEqual([]);
  });
});

describe("Knex's own transactions on PostgreSQL", () => {
  test('work whose BEGIN has failed does not run', async () => {
    const { db } = await fixture('PostgreSQL');
    const ran: string[] = [];
    const options = { isolationLevel: 'snapshot' } as const; // which PostgreSQL does not know
    await expect(db.transaction(async () => ran.push('ran'), options)).rejects.toThrow(/syntax error/);
    await expect(db.transaction(options)).rejects.toThrow(/syntax error/);
    expect(ran).toEqual([]);
  });

  test('a transaction begun in the work of another one is one by itself', async () => {
    const { db, files, insert, rows, objects } = await fixture('PostgreSQL');
    const failing = files.transaction(async () => {
      await insert('undone.png');
      await db.transaction(() => insert('kept.png'));
      throw failed;
    });
    await expect(failing).rejects.toBe(failed);
    expect([await rows(), await objects()]).toEqual([['kept.png'], ['kept.png']]);
  });

  test('a COMMIT that is refused rejects commit by hand, and takes the files back', async () => {
    const { db, files, insert, rows, objects } = await fixture('PostgreSQL');
    await insert('first.png', 'taken');
    const trx = await db.transaction();
    await files.transacting(trx, () => insert('second.png', 'taken'));
    await expect(trx.commit()).rejects.toMatchObject({ code: '23505' });
    expect([await rows(), await objects()]).toEqual([['first.png'], ['first.png']]);
  });

  test('a COMMIT that PostgreSQL answers with a ROLLBACK is no success where files were changed', async () => {
    const { db, insert, rows, objects } = await fixture('PostgreSQL');
    const failing = db.transaction(async trx => {
      await insert('undone.png');
      await trx.raw('SELECT 1 / 0').catch(() => {});
    });
    await expect(failing).rejects.toMatchObject({ code: '25P02' });
    expect([await rows(), await objects()]).toEqual([[], []]);
  });

  test('an isolation level is passed on, and what it makes fail is tried again', async () => {
    const { db, files, photos, insert, objects } = await fixture('PostgreSQL');
    const photo = await insert('old.png');
    photos.fields.image.set(photo, file('new', 'new.png'));
    let attempts = 0;
    await files.transaction(
      async trx => {
        attempts++;
        const { rows } = await trx.raw('SHOW transaction_isolation');
        expect(rows).toEqual([{ transaction_isolation: 'serializable' }]);
        await trx('photos').where({ id: photo.id }).first();
        if (attempts === 1) await db('photos').where({ id: photo.id }).update({ title: 'meanwhile' });
        await photos.update(photo, { title: 'mine' });
      },
      { isolationLevel: 'serializable', attempts: 3 },
    );
    expect([attempts, photo.title, await objects()]).toEqual([2, 'mine', ['new.png']]);
  });
});
