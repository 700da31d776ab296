import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { crash, crashIn } from './crash-lab.ts';
import type { CrashReport } from './crash-view.ts';
import { canMount, limited } from './small-disk.ts';

const ORDER = { kind: 'fault', fault: 'disk-full' } as const;

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldfile-small-disk-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** The save failed, and nothing of it is left, before and after recovery. */
function expectNothingLeft({ begin, before, after }: CrashReport): void {
  expect(begin.row.file).toBe('old.txt');
  expect(before).toEqual(begin);
  expect(after).toEqual(begin);
}

test('a save to a disk that is full fails, and the row keeps its file', async context => {
  context.skip(!(await canMount(await makeFolder())), 'No small disk can be mounted here.');
  const report = await crash(ORDER);
  expect(report.error?.code).toBe('no-space');
  expectNothingLeft(report);
});

test('where no disk can be mounted, no file can grow: the save fails the same way', async () => {
  const report = await crashIn(await makeFolder(), ORDER, limited);
  expect(report.error?.code).toBe('too-large');
  expectNothingLeft(report);
});
