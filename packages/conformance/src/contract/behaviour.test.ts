import { expect, test } from 'vitest';
import { observe, Skip, summarize } from './behaviour.ts';

const behaviour = { id: 'S1.example', title: 'does something', run: async () => {} };

test('a behaviour passes, fails with what it threw, or is skipped with the reason', async () => {
  const broken = new Error('broken');
  expect(await observe(behaviour, async () => {})).toMatchObject({ id: 'S1.example', outcome: 'passed' });
  expect(await observe(behaviour, () => Promise.reject(broken))).toMatchObject({
    outcome: 'failed',
    error: broken,
  });
  expect(await observe(behaviour, () => Promise.reject(new Skip('no disk')))).toMatchObject({
    outcome: 'skipped',
    reason: 'no disk',
  });
});

test('the closing line counts all, names what failed, and groups what was skipped by reason', () => {
  const title = '';
  const line = summarize({
    name: 'example',
    behaviours: [
      { id: 'S1.a', title, outcome: 'passed' },
      { id: 'S1.b', title, outcome: 'failed', error: new Error('broken') },
      { id: 'S9.a', title, outcome: 'skipped', reason: 'no URLs' },
      { id: 'S9.b', title, outcome: 'skipped', reason: 'no URLs' },
      { id: 'S12.a', title, outcome: 'skipped', reason: 'no disk' },
    ],
  });
  expect(line).toBe(
    'example: 5 behaviours, 1 passed, 1 failed (S1.b), 3 skipped (no URLs: S9.a, S9.b; no disk: S12.a)',
  );
});
