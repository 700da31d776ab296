import { setImmediate as turn } from 'node:timers/promises';
import { SqlJournal } from '@fieldfile/core/journal';
import { startPostgres } from '@fieldfile/test-servers/postgres';
import {
  DataSource,
  type DataSourceOptions,
  type EntityManager,
  type EntitySubscriberInterface,
} from 'typeorm';
import { afterAll, describe, expect, test } from 'vitest';
import { openPhotos, type Photos, type PhotosOptions, sqlite } from '../test/photos.ts';
import { sqlExecutor, TypeormFiles } from './index.ts';

const postgres = await startPostgres();
afterAll(() => postgres[Symbol.asyncDispose]());

const ENDED = expect.objectContaining({ code: 'transaction-ended' });
const ENDS = /^(COMMIT|ROLLBACK$)/;

async function inPostgres(poolSize: number, options?: PhotosOptions) {
  return openPhotos({ type: 'postgres', url: await postgres.createDatabase(), poolSize }, options);
}

describe.each([
  ['SQLite', (options?: PhotosOptions) => openPhotos(sqlite, options)],
  ['PostgreSQL, one connection', (options?: PhotosOptions) => inPostgres(1, options)],
  ['PostgreSQL, two connections', (options?: PhotosOptions) => inPostgres(2, options)],
])('on %s', (_, open) => {
  test.each([
    ['saves more', (inner: EntityManager, row: object): Promise<unknown> => inner.save(row)],
    ['is done', async () => {}],
    ['fails', () => Promise.reject(new Error('inner'))],
  ])('a savepoint that nobody awaits and that %s goes with its transaction', async (what, goesOn) => {
    await using photos = await open();
    const { dataSource, statements } = photos;
    const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let nested: Promise<unknown> | undefined;
    const transaction = dataSource.transaction(async manager => {
      await manager.save(photos.make('outer.png'));
      nested = manager.transaction(async inner => {
        await inner.save(photos.make('inner.png'));
        begun.resolve();
        await gate.promise;
        await goesOn(inner, photos.make('late.png'));
      });
      nested.catch(() => {});
      await begun.promise;
    });
    await expect(transaction).rejects.toThrow(ENDED);
    expect(statements.at(-1)).toBe('ROLLBACK');
    const sent = statements.length;
    const another = dataSource.transaction(async manager => {
      await manager.save(photos.make('kept.png'));
      gate.resolve();
      await Promise.race([nested?.catch(() => {}), photos.rows()]);
    });
    await another;
    await expect(nested).rejects.toThrow(what === 'fails' ? 'inner' : ENDED);
    expect(statements.slice(sent).filter(statement => ENDS.test(statement))).toEqual(['COMMIT']);
    expect(statements.slice(sent).filter(statement => /SAVEPOINT (?!fieldfile)/.test(statement))).toEqual([]);
    expect(await photos.rows()).toEqual(['kept.png']);
    expect(await photos.objects()).toEqual(['kept.png']);
    expect(await photos.entries()).toEqual([]);
  });

  test('a savepoint that nobody awaits sends nothing once its transaction has ended', async () => {
    await using photos = await open();
    const { dataSource, statements } = photos;
    for (const fails of [false, true])
      for (let microtasks = 0; microtasks < 40; microtasks++) {
        let nested: Promise<unknown> | undefined;
        const sent = statements.length;
        const [outcome] = await Promise.allSettled([
          dataSource.transaction(async manager => {
            nested = manager.transaction(async () => {
              if (fails) throw new Error('inner');
            });
            nested.catch(() => {});
            for (let count = 0; count < microtasks; count++) await Promise.resolve();
          }),
        ]);
        await Promise.allSettled([nested]);
        if (outcome.status === 'rejected') expect(outcome.reason).toEqual(ENDED);
        const end = outcome.status === 'fulfilled' ? 'COMMIT' : 'ROLLBACK';
        expect(statements.slice(sent).filter(statement => ENDS.test(statement))).toEqual([end]);
        expect(statements.at(-1)).toBe(end);
      }
    await photos.saved('works.png');
    expect(await photos.rows()).toEqual(['works.png']);
  });

  test.each(['beforeTransactionStart', 'beforeTransactionCommit', 'beforeTransactionRollback'] as const)(
    'a savepoint that %s keeps waiting is ended before its transaction',
    async event => {
      const gates: (() => Promise<void>)[] = [];
      await using photos = await open({ subscriber: { [event]: () => gates.shift()?.() } });
      const { dataSource, statements } = photos;
      const [reached, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      let nested: Promise<unknown> | undefined;
      let ended = false;
      const transaction = dataSource
        .transaction(async manager => {
          gates.push(() => {
            reached.resolve();
            return gate.promise;
          });
          nested = manager.transaction(async () => {
            if (event === 'beforeTransactionRollback') throw new Error('inner');
          });
          nested.catch(() => {});
          await reached.promise;
        })
        .finally(() => {
          ended = true;
        });
      transaction.catch(() => {});
      await reached.promise;
      for (let turns = 0; turns < 20; turns++) await turn();
      expect([ended, ...statements.filter(statement => ENDS.test(statement)).slice(1)]).toEqual([false]);
      gate.resolve();
      await expect(transaction).rejects.toThrow(ENDED);
      await Promise.allSettled([nested]);
      expect(statements.at(-1)).toBe('ROLLBACK');
    },
  );

  test('work begun by hand cannot commit with a savepoint open in it, and is rolled back as a whole', async () => {
    await using photos = await open();
    const runner = photos.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.save(photos.make('outer.png'));
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const nested = runner.manager.transaction(async inner => {
      begun.resolve();
      await gate.promise;
      await inner.save(photos.make('inner.png'));
    });
    await begun.promise;
    await expect(runner.commitTransaction()).rejects.toThrow(ENDED);
    await runner.rollbackTransaction();
    await runner.release();
    expect(photos.statements.at(-1)).toBe('ROLLBACK');
    gate.resolve();
    await expect(nested).rejects.toThrow(ENDED);
    await photos.saved('kept.png');
    expect(await photos.rows()).toEqual(['kept.png']);
    await expect.poll(photos.objects).toEqual(['kept.png']);
  });

  test('transactions in transactions begun by hand each take back their own files', async () => {
    await using photos = await open();
    const runner = photos.dataSource.createQueryRunner();
    const save = (name: string) => runner.manager.save(photos.make(name));
    await runner.startTransaction();
    await save('one.png');
    await runner.startTransaction();
    await save('undone.png');
    await runner.startTransaction();
    await save('released.png');
    await runner.commitTransaction();
    await runner.rollbackTransaction();
    await runner.manager.transaction(async inner => inner.save(photos.make('two.png')));
    await runner.commitTransaction();
    await runner.release();
    expect(await photos.rows()).toEqual(['one.png', 'two.png']);
    await expect.poll(photos.objects).toEqual(['one.png', 'two.png']);
  });

  test('what is begun by hand inside a transaction is a savepoint, which files saved meanwhile follow', async () => {
    await using photos = await open();
    const photo = await photos.saved('old.png');
    await photos.dataSource.transaction(async ({ queryRunner }) => {
      await queryRunner?.startTransaction();
      await photo.image.save('undone', { name: 'undone.png' });
      await queryRunner?.rollbackTransaction();
      expect(photo.image.name).toBe('old.png');
      await queryRunner?.startTransaction();
      await photo.image.save('new', { name: 'new.png' });
      await queryRunner?.commitTransaction();
    });
    expect(await photos.rows()).toEqual(['new.png']);
    expect(await photos.objects()).toEqual(['new.png']);
  });

  test('statements of ended work do not reach the database', async () => {
    await using photos = await open();
    const late: (() => Promise<unknown>)[] = [];
    await photos.dataSource.transaction(async manager => {
      const row = await manager.save(photos.make('kept.png'));
      await manager.transaction(async inner => {
        const { resolve, promise } = Promise.withResolvers<void>();
        const after = (statement: () => Promise<unknown>) => {
          const work = promise.then(statement);
          work.catch(() => {});
          late.push(() => {
            resolve();
            return work;
          });
        };
        after(() => inner.query('DELETE FROM photo'));
        after(() => inner.createQueryBuilder().delete().from(photos.repository.target).execute());
        after(() => inner.update(photos.repository.target, row.id, { title: 'late' }));
        after(() => inner.increment(photos.repository.target, {}, 'rating', 1));
        after(() => inner.softDelete(photos.repository.target, row.id));
        after(() => inner.queryRunner?.startTransaction() ?? Promise.resolve());
        after(() => inner.transaction(async () => {}));
      });
      for (const work of late) await expect(work()).rejects.toThrow(ENDED);
    });
    expect((await photos.repository.findOneByOrFail({})).rating).toBe(5);
    expect(await photos.rows()).toEqual(['kept.png']);
  });

  test('what a listener saves is part of the save that it hears of', async () => {
    let photos: Photos | undefined;
    const subscriber: EntitySubscriberInterface = {
      async afterInsert({ entity, manager }) {
        if (entity.title !== 'first') return;
        await manager.save(photos?.make('second.png'));
        await manager.transaction(async inner => inner.save(photos?.make('third.png')));
      },
    };
    await using opened = await open({ subscriber });
    photos = opened;
    const first = Object.assign(opened.make('first.png'), { title: 'first' });
    const failing = opened.dataSource.transaction(async manager => {
      await manager.save(first);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await opened.objects()).toEqual([]);
    await opened.repository.save(first);
    expect(await opened.rows()).toEqual(['first.png', 'second.png', 'third.png']);
    expect(await opened.objects()).toEqual(['first.png', 'second.png', 'third.png']);
    expect(await opened.entries()).toEqual([]);
  });

  test.each(['beforeTransactionCommit', 'beforeTransactionRollback'] as const)(
    'a listener that throws in %s leaves no transaction open',
    async event => {
      let throwing = false;
      const subscriber: EntitySubscriberInterface = {
        [event]() {
          if (throwing) throw new Error('from the listener');
        },
      };
      await using photos = await open({ subscriber });
      const photo = await photos.saved('old.png');
      throwing = true;
      const transaction = photos.dataSource.transaction(async manager => {
        await photo.image.save('new', { name: 'new.png' });
        await manager.save(photos.make('other.png'));
        if (event === 'beforeTransactionRollback') throw new Error('from the work');
      });
      await expect(transaction).rejects.toThrow(/from the/);
      throwing = false;
      expect(photos.statements.at(-1)).toBe('ROLLBACK');
      expect(photo.image.name).toBe('old.png');
      await photo.image.save('newer', { name: 'newer.png' });
      expect(await photos.rows()).toEqual(['newer.png']);
      expect(await photos.objects()).toEqual(['newer.png']);
    },
  );

  test('a rollback takes back what was filled in, and the row can be saved anew', async () => {
    await using photos = await open();
    const { dataSource, repository } = photos;
    const saved = Object.assign(photos.make('saved.png'), { title: 'mine' });
    const plain = repository.create({ title: 'no file' });
    const inserted = photos.make('inserted.png');
    const failing = dataSource.transaction(async manager => {
      await manager.transaction(async inner => inner.save([saved, plain]));
      await manager.insert(repository.target, inserted as never);
      expect([saved.id, saved.version, saved.rating]).toEqual([expect.any(Number), 1, 5]);
      expect(saved.image.reference().key).toEqual({ id: saved.id });
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    for (const row of [saved, plain, inserted]) {
      const { id, rating, version, createdAt } = row;
      expect({ id, rating, version, createdAt }).toEqual({});
      expect(row.image.reference().key ?? null).toBeNull();
    }
    expect(saved.title).toBe('mine');
    await photos.saved('another.png');
    await repository.save([saved, plain, inserted]);
    expect(new Set([saved.id, plain.id, inserted.id]).size).toBe(3);
    expect((await photos.rows()).sort()).toEqual(['another.png', 'inserted.png', null, 'saved.png'].sort());
    await expect.poll(photos.objects).toEqual(['another.png', 'inserted.png', 'saved.png']);
  });

  test('what runs outside takes no part in the transaction at hand', async () => {
    await using photos = await open();
    const photo = await photos.saved('old.png');
    let outside: Promise<void> | undefined;
    const failing = photos.dataSource.transaction(async manager => {
      await manager.save(photos.make('undone.png'));
      outside = photos.files.outside(() => photo.image.save('new', { name: 'new.png' }));
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await outside;
    expect(await photos.rows()).toEqual(['new.png']);
    expect(await photos.objects()).toEqual(['new.png']);
  });

  test('whoever catches every error and goes on finds rows and objects together', async () => {
    await using photos = await open();
    const [one, two] = [await photos.saved('one.png'), await photos.saved('two.png')];
    const caught: unknown[] = [];
    const ignore = async (work: Promise<unknown>) => void (await work.catch(error => caught.push(error)));
    const broken = () =>
      new ReadableStream({ pull: controller => controller.error(new Error('the source broke')) });
    await photos.dataSource
      .transaction(async manager => {
        await ignore(one.image.save(broken(), { name: 'broken.png' }));
        await ignore(
          manager.transaction(async inner => {
            await ignore(inner.transaction(() => Promise.reject(new Error('innermost'))));
            await two.image.save('undone', { name: 'undone.png' });
            throw new Error('inner');
          }),
        );
        await Promise.all([
          ignore(one.image.save('new', { name: 'new.png' })),
          ignore(manager.transaction(async inner => inner.query('SELECT nothing'))),
          ignore(manager.save(photos.make('three.png'))),
        ]);
      })
      .catch(error => caught.push(error));
    expect(caught.map(String)).toHaveLength(4);
    expect(await photos.rows()).toEqual(['new.png', 'two.png', 'three.png']);
    expect(await photos.objects()).toEqual(['new.png', 'three.png', 'two.png']);
    expect([one.image.name, two.image.name]).toEqual(['new.png', 'two.png']);
    expect(await photos.entries()).toEqual([]);
  });

  test('requests at once, of which some fail, do not get into each other', async () => {
    await using photos = await open();
    const rows = [];
    for (let index = 0; index < 6; index++) rows.push(await photos.saved(`old-${index}.png`));
    const outcomes = await Promise.allSettled(
      rows.map((row, index) =>
        photos.dataSource.transaction(async manager => {
          await Promise.all([
            row.image.save(`new ${index}`, { name: `new-${index}.png` }),
            manager.transaction(async inner => inner.save(photos.make(`made-${index}.png`))),
          ]);
          if (index % 2 === 1) throw new Error('rolled back');
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(
      rows.map((_row, index) => (index % 2 === 1 ? 'rejected' : 'fulfilled')),
    );
    const expected = rows.flatMap((_row, index) =>
      index % 2 === 1 ? [`old-${index}.png`] : [`new-${index}.png`, `made-${index}.png`],
    );
    expect((await photos.rows()).sort()).toEqual(expected.sort());
    expect(await photos.objects()).toEqual(expected.sort());
    expect(await photos.entries()).toEqual([]);
  });
});

test('a transaction of the data source inside another is independent on PostgreSQL', async () => {
  await using photos = await inPostgres(2);
  const [one, two] = [await photos.saved('one.png'), await photos.saved('two.png')];
  const failing = photos.dataSource.transaction(async outer => {
    await one.image.save('undone', { name: 'undone.png' });
    await outer.transaction(async inner => {
      await photos.dataSource.transaction(async () => {
        await two.image.save('kept', { name: 'kept.png' });
        await inner.save(photos.make('undone too.png'));
      });
    });
    expect(await photos.objects()).not.toContain('two.png');
    throw new Error('rolled back');
  });
  await expect(failing).rejects.toThrow('rolled back');
  expect(await photos.rows()).toEqual(['one.png', 'kept.png']);
  expect(await photos.objects()).toEqual(['kept.png', 'one.png']);
});

test('a transaction begun by hand and not ended is rolled back when its query runner is released', async () => {
  await using photos = await inPostgres(1);
  const runner = photos.dataSource.createQueryRunner();
  await runner.startTransaction();
  await runner.startTransaction();
  await runner.manager.save(photos.make('undone.png'));
  await runner.rollbackTransaction();
  await runner.manager.save(photos.make('undone too.png'));
  await runner.release();
  expect(photos.statements.at(-1)).toBe('ROLLBACK');
  await photos.saved('kept.png');
  expect(await photos.rows()).toEqual(['kept.png']);
  await expect.poll(photos.objects).toEqual(['kept.png']);
});

test('`await using` commits what was begun by hand, with the savepoints in it', async () => {
  await using photos = await inPostgres(1);
  {
    await using runner = photos.dataSource.createQueryRunner();
    await runner.startTransaction('SERIALIZABLE');
    await runner.startTransaction();
    await runner.manager.save(photos.make('kept.png'));
  }
  expect(photos.statements.at(-1)).toBe('COMMIT');
  expect(await photos.rows()).toEqual(['kept.png']);
  expect(await photos.objects()).toEqual(['kept.png']);
});

test('a manager knows its transaction also where the asynchronous context is another', async () => {
  await using photos = await inPostgres(2);
  const failing = photos.dataSource.transaction(async manager => {
    await photos.files.outside(() => manager.save(photos.make('undone.png')));
    throw new Error('rolled back');
  });
  await expect(failing).rejects.toThrow('rolled back');
  expect(await photos.rows()).toEqual([]);
  expect(await photos.objects()).toEqual([]);
});

test('a journal on the pool of the rows is refused, on one beside it is not', async () => {
  const url = await postgres.createDatabase();
  const options: DataSourceOptions = { type: 'postgres', url };
  const dataSource = new DataSource(options);
  const journal = (execute: ReturnType<typeof sqlExecutor>) =>
    new SqlJournal({ dialect: 'postgresql', execute });
  for (const own of [dataSource, dataSource.createQueryRunner()])
    expect(() => new TypeormFiles(dataSource, { journal: journal(sqlExecutor(own)) })).toThrow(
      /pool of its own|one of its own/,
    );
  const beside = new DataSource({ ...options, poolSize: 1 });
  expect(() => new TypeormFiles(dataSource, { journal: journal(sqlExecutor(beside)) })).not.toThrow();
});

test('a savepoint that waits for a later one gives up after `siblingWaitSeconds`', async () => {
  await using photos = await openPhotos(sqlite, { siblingWaitSeconds: 0.05 });
  const photo = await photos.saved('old.png');
  const waiting = photos.dataSource.transaction(async manager => {
    await manager.save(photo);
    const later = Promise.withResolvers<unknown>();
    const savepoint = manager.transaction(() => later.promise);
    await turn();
    manager.transaction(async () => {}).then(later.resolve, later.reject);
    await savepoint;
  });
  await expect(waiting).rejects.toMatchObject({ code: 'timeout' });
  expect(photos.statements.at(-1)).toBe('ROLLBACK');
});
