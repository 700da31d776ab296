import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ScopedChange } from '../change/file-scope.ts';
import type { SqlExecutor } from '../journal/sql.ts';
import type { Level } from './level.ts';
import { savepoint } from './savepoint.ts';
import { type Begin, Transactions } from './transactions.ts';

const ENDED = expect.objectContaining({ code: 'transaction-ended', applied: false });

/** What a database would be sent. */
function fixture(siblingWaitSeconds = 30) {
  const log: string[] = [];
  const transactions = new Transactions<string>({ siblingWaitSeconds });
  const begin =
    (name: string): Begin<string> =>
    async work => {
      log.push(`begin ${name}`);
      try {
        const result = await work(name);
        log.push(`commit ${name}`);
        return result;
      } catch (error) {
        log.push(`roll back ${name}`);
        throw error;
      }
    };
  /** Two statements with turns of the event loop between them. */
  const write = (name: string): Promise<void> => {
    const level = transactions.current;
    if (!level) throw new Error('There is no transaction.');
    return transactions.during(level, async () => {
      log.push(`${name} 1`);
      for (let turns = 0; turns < 3; turns++) await turn();
      log.push(`${name} 2`);
    });
  };
  return { log, transactions, begin, write };
}

test('groups and savepoints of one level come one after another, in the order they were begun', async () => {
  const { log, transactions, begin, write } = fixture();
  await transactions.run(begin('outer'), async () => {
    const savepoint = (name: string) => transactions.run(begin(name), () => write(`in ${name}`));
    await Promise.all([write('a'), savepoint('one'), write('b'), savepoint('two')]);
  });
  expect(log).toEqual([
    'begin outer',
    ...['a 1', 'a 2', 'begin one', 'in one 1', 'in one 2', 'commit one', 'b 1', 'b 2'],
    ...['begin two', 'in two 1', 'in two 2', 'commit two'],
    'commit outer',
  ]);
});

test('the end waits for the group that is under way, and refuses those that wait', async () => {
  const { log, transactions, begin, write } = fixture();
  let late: Promise<unknown>[] = [];
  const running = transactions.run(begin('outer'), async () => {
    late = [write('under way'), write('waiting')];
    late[1]?.catch(() => {});
    await turn();
    throw new Error('first');
  });
  await expect(running).rejects.toThrow('first');
  await late[0];
  await expect(late[1]).rejects.toThrow(ENDED);
  expect(log).toEqual(['begin outer', 'under way 1', 'under way 2', 'roll back outer']);
});

test('a group that is under way when its transaction ends still belongs to that', async () => {
  const { transactions, begin } = fixture();
  const open: boolean[] = [];
  let late: Promise<void> | undefined;
  await transactions.run(begin('outer'), async () => {
    const { current } = transactions;
    late = transactions.during(current as never, async () => {
      for (let turns = 0; turns < 3; turns++) await turn();
      open.push(current?.isOpen === true, transactions.open === current);
    });
    await turn();
  });
  await late;
  expect(open).toEqual([false, true]);
  expect(transactions.open).toBe(undefined);
});

test('the end waits for the statement that begins a savepoint, and nothing more of that is sent', async () => {
  const { log, transactions, begin } = fixture();
  const execute: SqlExecutor = async sql => {
    for (let turns = 0; turns < 3; turns++) await turn();
    log.push(sql.replace(/ fieldfile_\d+/, ''));
    return { rows: [] };
  };
  let inner: Promise<void> | undefined;
  await transactions.run(begin('outer'), async () => {
    const outer = transactions.current as Level<string>;
    inner = transactions.run(
      savepoint(outer, () => execute),
      async () => void log.push('work'),
    );
    inner.catch(() => {});
    await turn();
  });
  await expect(inner).rejects.toThrow(ENDED);
  expect(log).toEqual(['begin outer', 'SAVEPOINT', 'commit outer']);
});

test('what was about to get its turn when the level closed does not', async () => {
  const { log, transactions, begin, write } = fixture();
  let late: Promise<void> | undefined;
  await transactions.run(begin('outer'), async () => {
    late = write('late'); // the lane is free, and the work is done before it is entered
    late.catch(() => {});
  });
  const [outcome] = await Promise.allSettled([late]);
  const written = log.indexOf('late 2');
  expect(written === -1 || written < log.indexOf('commit outer')).toBe(true);
  expect(outcome.status).toBe(written === -1 ? 'rejected' : 'fulfilled');
});

test('a group within a group of its level does not wait for that', async () => {
  const { log, transactions, begin, write } = fixture();
  await transactions.run(begin('outer'), async () => {
    const level = transactions.current;
    if (level) await transactions.during(level, () => write('inner'));
    await transactions.during(level as never, async () => {
      await transactions.run(begin('savepoint'), () => write('deep'));
    });
  });
  expect(log.filter(entry => / [12]$/.test(entry))).toEqual(['inner 1', 'inner 2', 'deep 1', 'deep 2']);
});

test('work that a group has begun and not awaited takes its turn like any other', async () => {
  const { log, transactions, begin, write } = fixture();
  await transactions.run(begin('outer'), async () => {
    const level = transactions.current as never;
    let inherited: Promise<void> | undefined;
    await transactions.during(level, async () => {
      inherited = turn().then(() => turn().then(() => write('inherited')));
    });
    await Promise.all([write('other'), inherited]);
  });
  expect(log.indexOf('inherited 1')).toBeGreaterThan(log.indexOf('other 2'));
});

test('a savepoint that is not awaited goes with its transaction, which does not commit', async () => {
  const { log, transactions, begin, write } = fixture();
  const gate = Promise.withResolvers<void>();
  const ends: string[] = [];
  const change: ScopedChange = {
    committed: async () => void ends.push('committed'),
    restore: () => {},
    rolledBack: async () => void ends.push('rolled back'),
    unknown: async () => void ends.push('unknown'),
    retried: async () => {},
  };
  let inner: Promise<void> | undefined;
  const outer = transactions.run(begin('outer'), async () => {
    inner = transactions.run(begin('savepoint'), async () => {
      transactions.open?.scope.add(change);
      await gate.promise;
      await write('late');
    });
    inner.catch(() => {});
    await turn();
  });
  await expect(outer).rejects.toThrow(/still running/);
  expect(log.at(-1)).toBe('roll back outer');
  expect(ends).toEqual(['rolled back']);
  gate.resolve();
  await expect(inner).rejects.toThrow(ENDED);
  expect(log.some(entry => entry.startsWith('late'))).toBe(false);
});

test('who awaits what was begun later is told so after the limit', async () => {
  const { transactions, begin, write } = fixture(0.05);
  const running = transactions.run(begin('outer'), async () => {
    const later = Promise.withResolvers<void>();
    const savepoint = transactions.run(begin('savepoint'), () => later.promise);
    await turn();
    write('later').then(later.resolve, later.reject);
    await savepoint;
  });
  await expect(running).rejects.toMatchObject({ code: 'timeout', applied: false });
});

test('late work of one attempt does not reach the next', async () => {
  const { log, transactions, begin, write } = fixture();
  const gate = Promise.withResolvers<void>();
  let late: Promise<void> | undefined;
  let attempts = 0;
  await transactions.run(
    begin('outer'),
    async () => {
      if (++attempts === 1) {
        late = gate.promise.then(() => write('of the first'));
        throw Object.assign(new Error('again'), { code: '40001' });
      }
      gate.resolve();
      await expect(late).rejects.toThrow(ENDED);
      await write('of the second');
    },
    { attempts: 2 },
  );
  expect(log.filter(entry => entry.startsWith('of'))).toEqual(['of the second 1', 'of the second 2']);
});

test('work begun outside belongs to no transaction', async () => {
  const { transactions, begin } = fixture();
  await transactions.run(begin('outer'), async () => {
    expect(transactions.outside(() => transactions.current)).toBeUndefined();
  });
});
