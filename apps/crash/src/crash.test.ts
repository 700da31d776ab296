import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from '@fieldfile/test-servers/load';
import { mariadbMissing } from '@fieldfile/test-servers/mariadb';
import { expect, test } from 'vitest';
import { runCampaign } from './campaign.ts';
import { contend } from './contend.ts';
import { makeWorld } from './places.ts';
import type { DatabaseFault } from './world.ts';

const CLEAN = { rowsWithoutObject: [], objectsWithoutRow: [], wrongContent: [], lost: [], refused: [] };

const missing = mariadbMissing();

test.each(['sqlite', 'postgresql', ...(missing ? [] : (['mariadb'] as const))] as const)(
  'killed and stopped at their steps, processes leave no row and no object alone: %s',
  async database => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'fieldfile-crash-'));
    await using place = await makeWorld(database, 'fs', folder.path);
    const report = await runCampaign({
      ...{ world: place.world, directory: folder.path },
      ...{ kills: load({ test: 30, ci: 120, deep: 2000 }), seed: 1, workers: 4, recoverers: 1 },
    });
    expect(report).toMatchObject({ ...CLEAN, left: [], complaints: [] });
  },
);

test('killed at their steps, processes whose rows are Kysely’s on better-sqlite3 leave no row and no object alone', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'fieldfile-crash-'));
  await using place = await makeWorld('kysely', 'fs', folder.path);
  const report = await runCampaign({
    ...{ world: place.world, directory: folder.path },
    ...{ kills: load({ test: 10, ci: 20, deep: 300 }), seed: 1, workers: 4, recoverers: 1 },
  });
  expect(report).toMatchObject({ ...CLEAN, left: [], complaints: [] });
});

test.skipIf(missing)(
  'a server that is killed, COMMITs that are cut and deadlocks that are caught leave no row and no object alone: mariadb',
  async context => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'fieldfile-crash-'));
    const times = load({ test: 4, ci: 12, deep: 200 });
    const faults = { 'COMMIT lost': times, 'deadlock in a savepoint': times, 'server killed': times / 4 };
    await using place = await makeWorld('mariadb', 'fs', folder.path, {
      faults: ['COMMIT lost', 'deadlock in a savepoint', 'server killed'],
    });
    if (!place.faulty.killServer) return context.skip('the server is not ours to kill');
    const report = await runCampaign({
      ...{ world: place.world, faulty: place.faulty, faults, directory: folder.path },
      ...{ kills: times, seed: 1, workers: 3, recoverers: 1 },
    });
    expect(report).toMatchObject({ ...CLEAN, left: [], complaints: [] });
    for (const [fault, asked] of Object.entries(faults))
      expect(report.faults[fault as DatabaseFault], fault).toBeGreaterThanOrEqual(asked);
  },
);

test('a harness whose lifecycle has a mistake says so', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'fieldfile-crash-'));
  await using place = await makeWorld('sqlite', 'fs', folder.path);
  const report = await runCampaign({
    ...{ world: place.world, directory: folder.path, mutation: 'no-intent' },
    ...{ kills: 15, seed: 1, workers: 4, recoverers: 1 },
  });
  expect(report.objectsWithoutRow).not.toEqual([]);
});

test.each(['postgresql', ...(missing ? [] : (['mariadb'] as const))] as const)(
  'writers in several processes replace one row’s file: one object stays (%s)',
  async database => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'fieldfile-crash-'));
    await using place = await makeWorld(database, 'fs', folder.path, { leaseSeconds: 60 });
    const rivals = { processes: load({ test: 2, ci: 4, deep: 4 }), writers: 4 };
    const times = load({ test: 5, ci: 20, deep: 100 });
    const report = await contend(place.world, { ...rivals, times });
    const replaced = rivals.processes * rivals.writers * times;
    expect(report).toMatchObject({ ...CLEAN, replaced, objects: 1, entries: 0 });
  },
);
