import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from '@fieldfile/test-servers/load';
import { expect, test } from 'vitest';
import { abandon } from './abandon.ts';
import { makeWorld } from './places.ts';

const NOTHING = {
  ...{ rowsWithoutObject: [], objectsWithoutRow: [], wrongContent: [], lost: [], refused: [] },
  ...{ left: [], others: [] },
};

test.each(['fs', 's3'] as const)(
  'of claims and uploads that are abandoned, whose servers are killed or sleep, nothing is left but rows: %s',
  { timeout: 3_600_000 },
  async storage => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'fieldfile-abandon-'));
    await using place = await makeWorld('sqlite', storage, folder.path);
    const report = await abandon({
      world: place.world,
      uploads: load({ test: 30, ci: 60, deep: 1000 }),
      kills: load({ test: 3, ci: 8, deep: 300 }),
      stops: load({ test: 2, ci: 4, deep: 60 }),
      cuts: load({ test: 10, ci: 20, deep: 200 }),
      seed: 1,
    });
    expect(report).toMatchObject(NOTHING);
    expect(report.acknowledged).toBeGreaterThan(0);
  },
);
