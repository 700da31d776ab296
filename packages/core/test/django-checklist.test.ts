import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type ChecklistEntry, checklist } from './django-checklist.ts';

const packages = fileURLToPath(new URL('../../', import.meta.url));
const tests = await testSources();

test('the checklist has every number from 1 to 234 once, in order, with one outcome', () => {
  expect(checklist.map(entry => entry.number)).toEqual(Array.from({ length: 234 }, (_, index) => index + 1));
  for (const entry of checklist)
    expect([entry.test, entry.none, entry.elsewhere].filter(Boolean), entry.name).toHaveLength(1);
});

test('every test that the checklist names exists', () => {
  const missing = checklist.filter(entry => entry.test && !isWritten(entry));
  expect(missing.map(entry => entry.test)).toEqual([]);
});

function isWritten({ test = '' }: ChecklistEntry): boolean {
  return tests.some(source => [':', "'", '"', '`'].some(end => source.includes(test + end)));
}

async function testSources(): Promise<string[]> {
  const sources: string[] = [];
  for (const name of await readdir(packages))
    for (const folder of ['src', 'test']) {
      const path = join(packages, name, folder);
      const files = await readdir(path, { recursive: true }).catch(absentIsEmpty);
      for (const file of files)
        if (file.endsWith('.test.ts')) sources.push(await readFile(join(path, file), 'utf8'));
    }
  return sources;
}

function absentIsEmpty(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
  throw error;
}
