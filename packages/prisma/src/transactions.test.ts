import { setImmediate as turn } from 'node:timers/promises';
import { file, upload } from '@fieldfile/core';
import { SqlJournal } from '@fieldfile/core/journal';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { PrismaClient } from '../test/client/client.js';
import { openDatabase } from '../test/opened.ts';
import { sqlExecutor } from './client.ts';
import { prismaFiles } from './prisma-files.ts';

const ENDED = { code: 'transaction-ended' };

async function open(kind: string, poolSize?: number) {
  const opened = await openDatabase(kind, poolSize);
  const { client, storage, journal } = opened;
  const fields = { avatar: { storage, maxLength: 60 }, cover: { storage, maxLength: 60 } };
  const db = client.$extends(
    prismaFiles(client, { journal, siblingWaitSeconds: 2, models: { document: { fields } } }),
  );
  const { avatar, cover } = db.$file.document;
  const create = (text: string, data = {}) =>
    db.document.create({ data: { name: text, avatar: avatar(file(text, `${text}.txt`)), ...data } });
  const texts = async () => {
    const rows = await db.document.findMany({ orderBy: { id: 'asc' } });
    return Promise.all(rows.map(async ({ avatar }) => (await avatar.stored?.text()) ?? null));
  };
  return { ...opened, db, avatar, cover, create, texts };
}

/** Content that waits to be read to its end. */
function gated(text: string) {
  const [reading, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        reading.resolve();
        await gate.promise;
        controller.enqueue(new TextEncoder().encode(text));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, reading: reading.promise, open: () => gate.resolve() };
}

describe.each(['SQLite', 'PostgreSQL'])('on %s', kind => {
  test('calls without files come in their turn, too: one beside a savepoint that is rolled back stays', async () => {
    const { db, create, other, agrees } = await open(kind);
    const { id } = await create('old');
    const writes = [
      (tx: { document: typeof db.document }, name: string) =>
        tx.document.update({ where: { id }, data: { name } }),
      (tx: { $executeRawUnsafe: typeof db.$executeRawUnsafe }, name: string) =>
        tx.$executeRawUnsafe(`UPDATE documents SET name = '${name}' WHERE id = ${id}`),
    ];
    for (const [index, write] of writes.entries()) {
      await db.$transaction(async tx => {
        const begun = Promise.withResolvers<void>();
        const called = Promise.withResolvers<void>();
        const savepoint = tx.$transaction(async inner => {
          await inner.document.update({ where: { id }, data: { name: 'undone' } });
          begun.resolve();
          await called.promise;
          for (let reads = 0; reads < 5; reads++) await inner.document.count();
          throw new Error('undone');
        });
        await begun.promise;
        const beside = write(tx as never, `beside ${index}`).then(() => {});
        called.resolve();
        await expect(savepoint).rejects.toThrow('undone');
        await beside;
      });
      expect((await other.rows())[0]?.name).toBe(`beside ${index}`);
    }
    await agrees();
  });

  test('late calls of any kind are refused before they reach the database', async () => {
    const { db, create, other, agrees } = await open(kind);
    const { id } = await create('old');
    const late: (() => PromiseLike<unknown>)[] = [];
    const gate = Promise.withResolvers<void>();
    let going: Promise<unknown> = Promise.resolve();
    await db.$transaction(async tx => {
      late.push(
        () => tx.document.update({ where: { id }, data: { name: 'late' } }),
        () => tx.document.findMany(),
        () => tx.$executeRawUnsafe(`UPDATE documents SET name = 'late'`),
        () => tx.$queryRawUnsafe('SELECT 1'),
        () => tx.$transaction(async inner => inner.document.count()),
        () => tx.$transaction([tx.document.count()]),
        () => tx.document.deleteMany(),
        () => tx.document.upsert({ where: { id }, create: {}, update: { avatar: null } }),
      );
      going = gate.promise.then(() => Promise.allSettled(late.map(call => call())));
    });
    const other1 = db.$transaction(async tx => {
      gate.resolve();
      await going;
      await tx.document.update({ where: { id }, data: { name: 'of another request' } });
    });
    await other1;
    for (const outcome of (await going) as PromiseSettledResult<unknown>[])
      expect(outcome).toMatchObject({ status: 'rejected', reason: ENDED });
    expect(await other.rows()).toMatchObject([{ name: 'of another request' }]);
    await agrees();
  });

  test('a nested transaction that is not awaited is refused, begun or not, and its transaction leaves nothing of it', async () => {
    const { db, create, avatar, other, agrees } = await open(kind);
    const { id } = await create('old');
    for (let turns = 0; turns < 12; turns++) {
      let nested: Promise<unknown> = Promise.resolve();
      const outer = db.$transaction(async tx => {
        await tx.document.update({ where: { id }, data: { name: `outer ${turns}` } });
        nested = tx.$transaction(async inner => {
          const data = { name: 'nested', avatar: avatar(file('nested', 'nested.txt')) };
          await inner.document.update({ where: { id }, data });
          await inner.document.count();
        });
        nested.catch(() => {});
        for (let count = 0; count < turns; count++) await turn();
      });
      const [outcome] = await Promise.allSettled([outer]);
      const [late] = await Promise.allSettled([nested]);
      const [row] = await other.rows();
      if (late.status === 'rejected') expect(late.reason).toMatchObject(ENDED);
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(ENDED);
      if (late.status === 'fulfilled' && outcome.status === 'fulfilled') expect(row?.name).toBe('nested');
      else expect(row?.avatar).not.toMatch(/^nested/);
      if (outcome.status === 'fulfilled' && late.status === 'rejected')
        expect(row?.name).toBe(`outer ${turns}`);
      await agrees();
      await db.document.update({ where: { id }, data: { avatar: avatar(file('old', 'old.txt')) } });
    }
  });

  test('a callback of a savepoint may use the client of the transaction around it', async () => {
    const { db, avatar, texts, agrees } = await open(kind);
    await db.$transaction(async tx => {
      await tx.$transaction(async () => {
        await tx.document.create({ data: { avatar: avatar(file('one', 'one.txt')) } });
        await tx.$transaction(async () => {
          await tx.document.create({ data: { avatar: avatar(file('two', 'two.txt')) } });
        });
        await tx
          .$transaction(async inner => {
            await inner.document.create({ data: { avatar: avatar(file('undone', 'undone.txt')) } });
            throw new Error('undone');
          })
          .catch(() => {});
      });
      await tx.$transaction([
        tx.document.create({ data: { avatar: avatar(file('three', 'three.txt')) } }),
        tx.document.count(),
      ]);
    });
    expect(await texts()).toEqual(['one', 'two', 'three']);
    await agrees();
  });

  test('who catches every error and goes on commits rows and files that agree', async () => {
    const { db, avatar, cover, create, agrees } = await open(kind);
    const one = await create('one');
    const broken = () =>
      new ReadableStream<Uint8Array>({
        start: controller => controller.error(new Error('the source broke')),
      });
    const failures: ((tx: typeof db) => PromiseLike<unknown>)[] = [
      // Its row is written before the other is looked for.
      tx =>
        tx.document.create({
          data: { avatar: avatar(file('x', 'x.txt')), children: { connect: { id: 4711 } } },
        }),
      tx =>
        tx.document.update({
          where: { id: one.id },
          data: { avatar: avatar(file('x', 'x.txt')), children: { connect: { id: 4711 } } },
        }),
      tx =>
        tx.document.createMany({
          data: [{ avatar: avatar(file('x', 'x.txt')) }, { id: one.id, avatar: avatar(file('y', 'y.txt')) }],
        }),
      tx =>
        tx.document.create({
          data: { avatar: avatar(file('x', 'x.txt')), cover: cover(file(broken(), 'y')) },
        }),
      tx => tx.document.update({ where: { id: 4711 }, data: { avatar: avatar(file('x', 'x.txt')) } }),
      tx => tx.document.delete({ where: { id: 4711 } }),
      tx => tx.document.create({ data: { id: one.id, avatar: avatar(file('x', 'x.txt')) } }),
      () => one.avatar.save(broken(), { name: 'x.txt' }),
      tx => tx.$executeRawUnsafe('SELECT nonsense'),
    ];
    for (const fail of failures) {
      const caught: unknown[] = [];
      await db
        .$transaction(async tx => {
          await tx.document.create({ data: { avatar: avatar(file('stays', 'stays.txt')) } });
          await Promise.resolve(fail(tx as never)).catch(error => caught.push(error));
          await tx.document.create({ data: { avatar: avatar(file('goes on', 'on.txt')) } }).catch(() => {});
        })
        .catch(() => {});
      expect(caught).toHaveLength(1);
      await agrees();
    }
  });

  test('a save whose statement the database refuses is never taken for committed', async () => {
    const { db, client, avatar, create, agrees, texts } = await open(kind);
    const row = await create('old');
    await client.$executeRawUnsafe(
      kind === 'SQLite'
        ? `CREATE TRIGGER no BEFORE UPDATE OF avatar ON documents BEGIN SELECT RAISE(ABORT, 'no'); END`
        : `ALTER TABLE documents ADD CONSTRAINT no CHECK (avatar IS NULL OR avatar NOT LIKE 'no%')`,
    );
    const outcome = await db
      .$transaction(async tx => {
        await tx.document.create({ data: { avatar: avatar(file('beside', 'beside.txt')) } });
        await row.avatar.save('no', { name: 'no.txt' }).catch(() => {});
      })
      .then(
        () => 'committed',
        () => 'rolled back',
      );
    await client.$executeRawUnsafe(
      kind === 'SQLite' ? 'DROP TRIGGER no' : 'ALTER TABLE documents DROP CONSTRAINT no',
    );
    expect(outcome).toBe(kind === 'SQLite' ? 'committed' : 'rolled back');
    expect(await texts()).toEqual(kind === 'SQLite' ? ['old', 'beside'] : ['old']);
    await agrees();
  });

  test('what was stored for a call that does not write it is undone', async () => {
    const { db, avatar, cover, create, agrees, other } = await open(kind);
    const { id } = await create('old');
    const picture = () => avatar.upload(file('picture', 'picture.txt'));
    expect(await db.document.updateMany({ where: { id: 4711 }, data: { avatar: await picture() } })).toEqual({
      count: 0,
    });
    expect(
      await db.document.updateManyAndReturn({
        where: { id: 4711 },
        data: { avatar: avatar(file('x', 'x')) },
      }),
    ).toEqual([]);
    await agrees();
    await db.document.upsert({
      where: { id },
      create: { avatar: await picture() },
      update: { avatar: avatar(file('updated', 'updated.txt')) },
    });
    await agrees();
    await expect(
      db.document.update({ where: { id: 4711 }, data: { avatar: await picture() } }),
    ).rejects.toMatchObject({ code: 'P2025' });
    await agrees();
    const broken = new ReadableStream({
      start: controller => controller.error(new Error('the source broke')),
    });
    await expect(
      db.document.create({ data: { avatar: await picture(), cover: cover(file(broken, 'broken.txt')) } }),
    ).rejects.toThrow('the source broke');
    await agrees();
    await db.$transaction(async tx => {
      const missing = tx.document.update({ where: { id: 4711 }, data: { avatar: await picture() } });
      await expect(missing).rejects.toMatchObject({ code: 'P2025' });
      await tx.document.update({ where: { id }, data: { name: 'goes on' } });
    });
    expect((await other.rows())[0]?.name).toBe('goes on');
    await agrees();
  });

  test('late work of one attempt does not reach the next, which has the same arguments', async () => {
    const { db, avatar, create, agrees, texts } = await open(kind);
    const { id } = await create('old');
    const argument = await avatar.upload(file(new Response('once').body ?? '', 'once.txt'));
    const slow = gated('late');
    let late: Promise<unknown> | undefined;
    let attempts = 0;
    await db.$transaction(
      async tx => {
        await tx.document.update({ where: { id }, data: { avatar: argument } });
        if (++attempts === 1) {
          const data = { avatar: avatar(file(slow.stream, 'late.txt')) };
          late = Promise.resolve(tx.document.create({ data }));
          late.catch(() => {});
          await slow.reading;
          throw Object.assign(new Error('again'), { code: '40001' });
        }
        slow.open();
        await Promise.allSettled([late]);
      },
      { attempts: 2 },
    );
    await expect(late).rejects.toMatchObject(ENDED);
    expect(await texts()).toEqual(['once']);
    await agrees();
  });

  test('outside() takes no part in the transaction at hand, and outlives it', async () => {
    const { db, create, agrees, texts } = await open(kind);
    const row = await create('old');
    const gate = Promise.withResolvers<void>();
    let begun: Promise<void> | undefined;
    await db.$transaction(async tx => {
      await tx.document.count();
      begun = tx.$outside(() => gate.promise.then(() => row.avatar.save('outside', { name: 'outside.txt' })));
    });
    gate.resolve();
    await begun;
    expect(await texts()).toEqual(['outside']);
    await agrees();
  });

  test('a transaction that Prisma ends for its time leaves nothing', async () => {
    const { db, create, agrees, texts } = await open(kind);
    const row = await create('old');
    const slow = gated('too late');
    const running = db.$transaction(
      async tx => {
        const saving = row.avatar.save(slow.stream, { name: 'new.txt' });
        await slow.reading;
        let error: unknown;
        while (!error) {
          await turn();
          await tx.document.count().catch(failure => (error = failure));
        }
        slow.open();
        await saving;
      },
      { timeout: 100 },
    );
    await expect(running).rejects.toMatchObject({ code: 'P2028' });
    expect([await texts(), row.avatar.name]).toEqual([['old'], 'old.txt']);
    await agrees();
  });
});

describe.each([1, 2])('with a pool of %i', poolSize => {
  test('requests at once that each save in a transaction all end, with a journal', async () => {
    const { db, avatar, create, agrees, texts } = await open('PostgreSQL', poolSize);
    const rows = [];
    for (let index = 0; index < 6; index++) rows.push(await create(`old ${index}`));
    const outcomes = await Promise.allSettled(
      rows.map((row, index) =>
        db.$transaction(
          async tx => {
            await row.avatar.save(`saved ${index}`, { name: 'saved.txt' });
            await tx.$transaction(inner =>
              inner.document.update({
                where: { id: row.id },
                data: { avatar: avatar(file(`new ${index}`, 'new.txt')) },
              }),
            );
            if (index % 3 === 0) throw new Error('rolled back');
          },
          { maxWait: 20_000, timeout: 20_000 },
        ),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(
      rows.map((_, index) => (index % 3 === 0 ? 'rejected' : 'fulfilled')),
    );
    expect(await texts()).toEqual(
      rows.map((_, index) => (index % 3 === 0 ? `old ${index}` : `new ${index}`)),
    );
    await agrees();
  });

  test('late work does not get into the transaction that has its connection now', async () => {
    const { db, avatar, create, agrees, texts } = await open('PostgreSQL', poolSize);
    const [one, two] = [await create('one'), await create('two')];
    const slow = gated('late');
    let late: Promise<unknown> | undefined;
    const first = db.$transaction(async tx => {
      const failing = tx.document.update({ where: { id: 4711 }, data: { name: 'missing' } });
      const data = { avatar: avatar(file(slow.stream, 'late.txt')) };
      late = Promise.resolve(tx.document.update({ where: { id: one.id }, data }));
      late.catch(() => {});
      await slow.reading;
      await Promise.all([failing, late]);
    });
    await expect(first).rejects.toMatchObject({ code: 'P2025' });
    await db.$transaction(async tx => {
      await tx.document.count();
      slow.open();
      await Promise.allSettled([late]);
      await two.avatar.save('of another request', { name: 'new.txt' });
    });
    await expect(late).rejects.toMatchObject(ENDED);
    expect(await texts()).toEqual(['one', 'of another request']);
    await agrees();
  });
});

test('a journal on the pool of the rows is refused, by whatever client', async () => {
  const { client, url, db } = await open('PostgreSQL');
  const models = { document: { fields: { avatar: {} } } };
  const journalOn = (other: object) =>
    new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(other as PrismaClient) });
  const refused = /second/;
  const extended = client.$extends({ name: 'another' });
  for (const [rows, journal] of [
    [client, client],
    [client, extended],
    [client, db],
    [extended, client],
    [extended, client.$extends({})],
  ])
    expect(() =>
      prismaFiles(rows as PrismaClient, { models, journal: journalOn(journal as object) }),
    ).toThrow(refused);
  await client.$transaction(async tx => {
    expect(() => prismaFiles(client, { models, journal: journalOn(tx) })).toThrow(refused);
  });
  const pool = new pg.Pool({ connectionString: url });
  const [one, two] = [1, 2].map(() => new PrismaClient({ adapter: new PrismaPg(pool) }));
  expect(() => prismaFiles(one as PrismaClient, { models, journal: journalOn(two as object) })).toThrow(
    refused,
  );
  const apart = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 1 }) });
  expect(() => prismaFiles(one as PrismaClient, { models, journal: journalOn(apart) })).not.toThrow();
  await pool.end();
});

test('a row is written by upload() and a call of the same transaction', async () => {
  const { db, avatar, create, agrees, texts } = await open('PostgreSQL', 1);
  const row = await create('old');
  await db.$transaction(async tx => {
    avatar.set(row, file('assigned', 'assigned.txt'));
    await upload(row);
    await tx.document.update({ where: { id: row.id }, data: { avatar: avatar(row.avatar) } });
  });
  expect(await texts()).toEqual(['assigned']);
  await agrees();
});
