import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { load } from '@fieldfile/test-servers/load';
import { expect, onTestFinished, test } from 'vitest';

const KILLS = load({ test: 2, ci: 4, deep: 200 });
// Node 22 strips types but does not know what the processes are written in.
const runsFromSource = Number.parseInt(process.versions.node, 10) >= 24;

test.skipIf(!runsFromSource).for(['beside', 'among'])(
  `with the journal %s the rows, two processes with a synchronous driver write and are killed ${KILLS} times: after recovery the objects are those of the rows`,
  { timeout: KILLS * 20_000 },
  async place => {
    const folder = mkdtempSync(join(tmpdir(), 'fieldfile-killed-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    let written = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      await Promise.all([killedWriter(folder, place), killedWriter(folder, place)]);
      const { rows, objects, entries } = JSON.parse(await run([folder, place, 'recover'])) as Left;
      expect(objects.sort()).toEqual(rows.map(({ avatar }) => avatar).sort());
      expect(entries).toEqual([]);
      written = Math.max(written, ...rows.map(({ id }) => id));
    }
    expect(written).toBeGreaterThan(0);
  },
);

interface Left {
  readonly rows: readonly { readonly id: number; readonly avatar: string }[];
  readonly objects: string[];
  readonly entries: readonly unknown[];
}

const killedWriter = (folder: string, place: string): Promise<string> =>
  run([folder, place], async (child, firstLine) => {
    await firstLine;
    await setTimeout(50 + Math.random() * 400);
    child.kill('SIGKILL');
  });

/** @returns what the program wrote, which complained of nothing. */
async function run(
  given: readonly string[],
  meanwhile?: (child: ChildProcess, firstLine: Promise<unknown>) => Promise<void>,
): Promise<string> {
  const program = join(import.meta.dirname, 'writer.ts');
  const child = spawn(process.execPath, [
    ...['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning', program],
    ...given,
  ]);
  const exited = once(child, 'close');
  const [answer, complaints]: [string[], string[]] = [[], []];
  child.stdout.on('data', chunk => answer.push(String(chunk)));
  child.stderr.on('data', chunk => complaints.push(String(chunk)));
  await meanwhile?.(child, Promise.race([once(child.stdout, 'data'), exited]));
  await exited;
  expect(complaints.join('')).toBe('');
  return answer.join('');
}
