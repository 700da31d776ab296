import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startS3 } from './cloud/servers.ts';
import { fillFolder, fillS3, fillTable } from './sweep/fill.ts';
import { type SweepFigures, sweepOnce } from './sweep/sweep-once.ts';

const USAGE = `npm run bench:sweep -- [--objects 100000,1000000] [--storage fs|s3] [--json]

Compares so many objects of a real storage with as many rows of an SQLite table, in a process of its own for each number,
and prints how long that took and how far its memory rose.`;

const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '10000,100000' },
    storage: { type: 'string', default: 'fs' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    measure: { type: 'string' },
  },
});

if (values.help) {
  console.log(USAGE);
} else if (values.measure) {
  console.log(JSON.stringify(await sweepOnce(values.measure, values.storage === 's3' ? 's3' : 'fs')));
} else {
  const results: SweepFigures[] = [];
  for (const objects of values.objects.split(',').map(Number)) results.push(await measured(objects));
  if (values.json) console.log(JSON.stringify(results));
  else console.table(results);
}

async function measured(objects: number): Promise<SweepFigures> {
  if (!Number.isSafeInteger(objects) || objects < 100)
    throw new Error('--objects takes whole numbers from 100.');
  const folder = await mkdtemp(join(tmpdir(), 'bench-sweep-'));
  const server = values.storage === 's3' ? await startS3(folder) : undefined;
  try {
    if (server) await fillS3(folder, objects);
    else await fillFolder(join(folder, 'objects'), objects);
    fillTable(join(folder, 'rows.sqlite'), objects);
    return await inOwnProcess(folder);
  } finally {
    await server?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

function inOwnProcess(folder: string): Promise<SweepFigures> {
  const [script = ''] = process.argv.slice(1);
  const child = spawn(
    process.execPath,
    [...process.execArgv, script, '--storage', values.storage, '--measure', folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', text => {
      output += text;
    });
    child.once('error', reject);
    child.once('exit', code => {
      if (code === 0) resolve(JSON.parse(output) as SweepFigures);
      else reject(new Error(`The sweep ended with code ${code}.`));
    });
  });
}
