import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ConnectionTransactions } from './connection-transactions.ts';

const ENDED = expect.objectContaining({ code: 'transaction-ended' });

interface Connection {
  readonly name: string;
}

/** What connections would be sent: `a: begin 2` is a savepoint. */
function fixture({ shared = false, turns = 2, fails = '' } = {}) {
  const log: string[] = [];
  const only: Connection = { name: 'only' };
  let opened = 0;
  const send = async ({ name }: Connection, statement: string): Promise<void> => {
    for (let count = 0; count < turns; count++) await turn();
    if (statement === fails) throw new Error(`cannot ${statement}`);
    log.push(`${name}: ${statement}`);
  };
  const transactions = new ConnectionTransactions<Connection, undefined>({
    shared: () => (shared ? only : undefined),
    open: () => (shared ? only : { name: 'abc'[opened++] ?? '?' }),
    release: async ({ name }) => void (shared || log.push(`${name}: release`)),
    begin: (connection, depth) => send(connection, `begin ${depth}`),
    commit: (connection, depth) => send(connection, `commit ${depth}`),
    rollBack: (connection, depth) => send(connection, `roll back ${depth}`),
    execute: connection => async text => {
      await send(connection, text);
      return { rows: [] };
    },
  });
  const write = (connection: Connection | undefined, text: string): Promise<void> =>
    transactions.within(connection, async ({ execute }) => void (await execute?.(text, [])));
  return { log, transactions, write };
}

test('statements find the transaction of their connection, in whatever work they are sent', async () => {
  const { log, transactions, write } = fixture();
  await transactions.run(undefined, async outer => {
    await transactions.run(outer, async () => {
      await transactions.run(undefined, async other => {
        await write(other, 'other');
        await write(outer, 'in the savepoint'); // of another connection than the innermost work
        await transactions.outside(() => write(other, 'still other'));
      });
    });
    await write(transactions.current?.connection, 'outer');
  });
  expect(log).toEqual([
    ...['a: begin 1', 'a: begin 2'],
    ...['b: begin 1', 'b: other', 'a: in the savepoint', 'b: still other', 'b: commit 1', 'b: release'],
    ...['a: commit 2', 'a: outer', 'a: commit 1', 'a: release'],
  ]);
});

test.each([0, 1, 2, 3])(
  'savepoints that nobody awaits end before their transaction, or not at all (%i)',
  async turns => {
    for (let microtasks = 0; microtasks < 30; microtasks++) {
      const { log, transactions } = fixture({ turns });
      let nested: Promise<unknown> | undefined;
      let worked = false;
      const [outcome] = await Promise.allSettled([
        transactions.run(undefined, async connection => {
          nested = transactions.run(connection, async () => {
            worked = true;
            expect(transactions.open).toBeDefined();
          });
          nested.catch(() => {});
          for (let count = 0; count < microtasks; count++) await Promise.resolve();
        }),
      ]);
      const [inner] = await Promise.allSettled([nested]);
      if (inner?.status === 'rejected') expect(inner.reason).toEqual(ENDED);
      if (outcome.status === 'rejected') expect(outcome.reason).toEqual(ENDED);
      if (inner?.status === 'fulfilled') expect(worked).toBe(true);
      expect(log.slice(-2)).toEqual([
        outcome.status === 'fulfilled' ? 'a: commit 1' : 'a: roll back 1',
        'a: release',
      ]);
      expect(log.filter(entry => / 1$/.test(entry))).toHaveLength(2);
    }
  },
);

test('what is begun by hand is all that is called on its connection, until it is ended', async () => {
  const { log, transactions, write } = fixture();
  const connection = { name: 'hand' };
  await transactions.beginByHand(connection);
  await transactions.beginByHand(connection);
  await write(connection, 'one');
  expect(await transactions.rollBackByHand(connection)).toBe(true);
  await transactions.run(connection, () => write(connection, 'two'));
  expect(await transactions.commitByHand(connection)).toBe(true);
  expect(await transactions.commitByHand(connection)).toBe(false);
  expect(log.map(entry => entry.replace('hand: ', ''))).toEqual([
    ...['begin 1', 'begin 2', 'one', 'roll back 2'],
    ...['begin 2', 'two', 'commit 2', 'commit 1'],
  ]);
});

test('what is begun by hand cannot commit with a savepoint open in it, and takes it along', async () => {
  const { log, transactions } = fixture();
  const connection = { name: 'hand' };
  await transactions.beginByHand(connection);
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const nested = transactions.run(connection, async () => {
    begun.resolve();
    await gate.promise;
  });
  await begun.promise;
  await expect(transactions.commitByHand(connection)).rejects.toThrow(ENDED);
  await transactions.rollBackByHand(connection);
  gate.resolve();
  await expect(nested).rejects.toThrow(ENDED);
  expect(log).toEqual(['hand: begin 1', 'hand: begin 2', 'hand: roll back 1']);
});

test('where all share one connection, others wait for the transaction that is open', async () => {
  const { log, transactions, write } = fixture({ shared: true });
  const one = transactions.run(undefined, async () => {
    await write(undefined, 'one 1');
    for (let turns = 0; turns < 9; turns++) await turn();
    await write(undefined, 'one 2');
  });
  const two = write(undefined, 'two');
  const reading = transactions.reading(async () => void log.push('read'));
  await Promise.all([one, two, reading]);
  expect(log.map(entry => entry.replace('only: ', ''))).toEqual([
    ...['begin 1', 'one 1', 'one 2', 'commit 1'],
    ...['begin 1', 'two', 'commit 1', 'read'],
  ]);
});

test('where all share one connection, ended work may read on it and nothing else', async () => {
  const { transactions, write } = fixture({ shared: true });
  let late: () => void = () => {};
  const ended = Promise.withResolvers<void>();
  let checked: Promise<void> | undefined;
  await transactions.run(undefined, async only => {
    checked = ended.promise.then(async () => {
      late = () => transactions.throwIfEnded(only, 'UPDATE t SET a = 1');
      expect(late).toThrow(ENDED);
      expect(() => transactions.throwIfEnded(only, ' select 1')).not.toThrow();
      await expect(write(undefined, 'late')).rejects.toThrow(ENDED);
    });
  });
  ended.resolve();
  await checked;
  expect(late).not.toThrow();
});

test('a savepoint that cannot be rolled back keeps its transaction from committing', async () => {
  const { log, transactions } = fixture({ fails: 'roll back 2' });
  const transaction = transactions.run(undefined, async connection => {
    const nested = transactions.run(connection, () => Promise.reject(new Error('inner')));
    await expect(nested).rejects.toThrow('inner');
  });
  await expect(transaction).rejects.toThrow('cannot roll back 2');
  expect(log).toEqual(['a: begin 1', 'a: begin 2', 'a: roll back 1', 'a: release']);
});
