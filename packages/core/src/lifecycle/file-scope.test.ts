import { expect, test } from 'vitest';
import { FileScope, type ScopedChange } from './file-scope.ts';

function change(name: string, log: string[]): ScopedChange {
  const note = (outcome: string) => async () => void log.push(`${name} ${outcome}`);
  return { committed: note('committed'), rolledBack: note('rolled back'), unknown: note('unknown') };
}

test('commits in the order of the changes, and rolls back in reverse', async () => {
  for (const [outcome, expected] of [
    ['committed', ['a committed', 'b committed']],
    ['rolled-back', ['b rolled back', 'a rolled back']],
    ['unknown', ['b unknown', 'a unknown']],
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

test('a released savepoint waits for the outer end, a rolled back one does not', async () => {
  const log: string[] = [];
  const outer = new FileScope();
  outer.add(change('outer', log));
  const released = outer.savepoint();
  released.add(change('released', log));
  const undone = outer.savepoint();
  undone.add(change('undone', log));
  await released.end('committed');
  await undone.end('rolled-back');
  expect(log).toEqual(['undone rolled back']);
  await outer.end('committed');
  expect(log).toEqual(['undone rolled back', 'outer committed', 'released committed']);
});

test('an ended scope takes no more changes', async () => {
  const scope = new FileScope();
  await scope.end('committed');
  expect(() => scope.add(change('late', []))).toThrow(/ended \(committed\)/);
});
