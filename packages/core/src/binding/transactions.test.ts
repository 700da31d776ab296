import { describe, expect, test } from 'vitest';
import type { ScopedChange } from '../change/file-scope.ts';
import { Transactions } from './transactions.ts';

/** A change that notes how it ended. */
function noted(log: string[]): ScopedChange {
  const note = (outcome: string) => async () => void log.push(outcome);
  return {
    committed: note('committed'),
    restore: () => {},
    rolledBack: note('rolled back'),
    unknown: note('unknown'),
    retried: note('rewound'),
  };
}

const failure = (properties: object, cause?: unknown): Error =>
  Object.assign(new Error('failed', { cause }), properties);

describe('how a transaction ended for its files', () => {
  test.each([
    ['a constraint looked at by COMMIT', failure({ code: '23503' }), 'rolled back'],
    ['an aborted transaction', failure({ code: '25P02' }), 'rolled back'],
    ['a serialization failure', failure({ code: '40001' }), 'rolled back'],
    ['a failure that a library wraps', failure({}, failure({ code: '40P01' })), 'rolled back'],
    ['a busy SQLite', failure({ code: 'SQLITE_BUSY_SNAPSHOT' }), 'rolled back'],
    ["node:sqlite's own number", failure({ code: 'ERR_SQLITE_ERROR', errcode: 787 }), 'rolled back'],
    ['a lost connection', failure({ code: 'ECONNRESET' }), 'unknown'],
    ['a completion that the server does not know', failure({ code: '40003' }), 'unknown'],
    ['a server that went', failure({ code: '57P01' }), 'unknown'],
    ['what says nothing', 'failed', 'unknown'],
  ])('COMMIT failed with %s', async (_, error, outcome) => {
    const transactions = new Transactions<string>();
    const log: string[] = [];
    const commitFails = async <T>(work: (executor: string) => Promise<T>): Promise<T> => {
      await work('tx');
      throw error;
    };
    const running = transactions.run(commitFails, async () => transactions.current?.scope.add(noted(log)));
    await expect(running).rejects.toBe(error);
    expect(log).toEqual([outcome]);
  });

  test('work that throws is rolled back, whatever it throws', async () => {
    const transactions = new Transactions<string>();
    const log: string[] = [];
    const running = transactions.run(
      work => work('tx'),
      async () => {
        transactions.current?.scope.add(noted(log));
        throw failure({ code: 'ECONNRESET' });
      },
    );
    await expect(running).rejects.toThrow('failed');
    expect(log).toEqual(['rolled back']);
  });
});

test('work is tried again as often as asked, and only where the database asks for it', async () => {
  const transactions = new Transactions<string>();
  for (const [code, attempts] of [
    ['40001', 3],
    ['23505', 1],
  ] as const) {
    const log: string[] = [];
    let tried = 0;
    const running = transactions.run(
      work => work('tx'),
      async () => {
        tried++;
        transactions.current?.scope.add(noted(log));
        throw failure({ code });
      },
      { attempts: 3 },
    );
    await expect(running).rejects.toMatchObject({ code });
    expect(tried).toBe(attempts);
    expect(log).toEqual([...Array(attempts - 1).fill('rewound'), 'rolled back']);
  }
});

test('one transaction within another is a savepoint, and outside there is none', async () => {
  const transactions = new Transactions<string>();
  const log: string[] = [];
  await transactions.run(
    work => work('outer'),
    async () => {
      const outer = transactions.current?.scope;
      await transactions.run(
        work => work('inner'),
        async executor => {
          expect([executor, transactions.current?.executor]).toEqual(['inner', 'inner']);
          expect(transactions.current?.scope.parent).toBe(outer);
          transactions.current?.scope.add(noted(log));
        },
      );
      expect(log).toEqual([]);
    },
  );
  expect(log).toEqual(['committed']);
  expect(transactions.current).toBeUndefined();
});
