import { expect, test } from 'vitest';
import { FileScope, type ScopedChange } from './file-scope.ts';

function change(name: string, log: string[]): ScopedChange {
  const note = (outcome: string) => async () => void log.push(`${name} ${outcome}`);
  return {
    committed: note('committed'),
    restore: () => void log.push(`${name} restored`),
    rolledBack: note('rolled back'),
    unknown: note('unknown'),
    retried: note('rewound'),
  };
}

test('commits in the order of the changes, and rolls back in reverse', async () => {
  for (const [outcome, expected] of [
    ['committed', ['a committed', 'b committed']],
    ['rolled-back', ['b restored', 'a restored', 'b rolled back', 'a rolled back']],
    ['unknown', ['a unknown', 'b unknown']],
  ] as const) {
    const log: string[] = [];
    const scope = new FileScope();
    scope.add(change('a', log));
    scope.add(change('b', log));
    await scope.end(outcome);
    await scope.end('committed');
    expect(log).toEqual(expected);
  }
});

test('a savepoint waits for the outer end; rolled back, memory shows it at once', async () => {
  const log: string[] = [];
  const outer = new FileScope();
  outer.add(change('outer', log));
  const released = outer.savepoint();
  released.add(change('released', log));
  const undone = outer.savepoint();
  undone.add(change('undone', log));
  await released.end('committed');
  await undone.end('rolled-back');
  expect(log).toEqual(['undone restored']);
  await outer.end('committed');
  expect(log).toEqual(['undone restored', 'outer committed', 'released committed', 'undone rolled back']);
});

test('of a transaction that is tried again, what was stored is kept', async () => {
  const log: string[] = [];
  const scope = new FileScope();
  scope.add(change('a', log));
  await scope.retried();
  scope.add(change('b', log));
  await scope.end('committed');
  expect(log).toEqual(['a rewound', 'b committed']);
});

test('an ended scope takes no more changes', async () => {
  const scope = new FileScope();
  await scope.end('committed');
  expect(() => scope.add(change('late', []))).toThrow(expect.objectContaining({ code: 'transaction-ended' }));
});
