import { isObjectName } from '@fieldfile/storage/backend';
import { expect, test } from 'vitest';
import { normalized, oddSpellings } from './odd-spellings.ts';

const CLOUD = { maxNameBytes: 1024 } as Parameters<typeof oddSpellings>[1];
const DISK = { ...CLOUD, refusesBackslash: true };
const DEEP = Array.from({ length: 40 }, (_, depth) => `folder-${depth}`).join('/');

test.each(['x', 'docs/x', 'avatars/2026/11/größe 1.png', 'a.b/..c/d', DEEP])('%s', name => {
  for (const limits of [CLOUD, DISK]) {
    const spellings = oddSpellings(name, limits);
    expect(new Set(spellings).size).toBe(spellings.length);
    expect(spellings.length).toBeLessThanOrEqual(30);
    for (const spelling of spellings) {
      expect(normalized(spelling)).toBe(name);
      // What the storage takes is another object's name.
      expect(isObjectName(spelling, limits)).toBe(false);
    }
    for (const usual of [`./${name}`, `/${name}`, name.replaceAll('/', '//'), name.replaceAll('/', '/./')])
      if (usual !== name) expect(spellings).toContain(usual);
  }
});

test('a backslash is a separator only where the storage reads it as one', () => {
  expect(oddSpellings('docs/x', CLOUD)).not.toContain('docs\\x');
  expect(oddSpellings('docs/x', DISK)).toContain('docs\\x');
});
