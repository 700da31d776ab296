import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GcsClient, refusal } from '../../test/gcs-client.ts';

const gcs = await GcsClient.start();
afterAll(() => gcs.close());

const NAMES = {
  'with spaces': 'w/a b  c',
  'ending in a space': 'w/a ',
  'with a plus': 'w/a+b',
  'with a hash': 'w/a#b',
  'with a percent sign': 'w/a%b',
  'with what looks like an encoded space': 'w/a%20b',
  'with what looks like an encoded slash': 'w/a%2Fb',
  'with a question mark': 'w/a?b=c',
  'with markup': 'w/a&b<c>\'"',
  'in three scripts': 'w/ünï/日本語/🎉',
  'in decomposed Unicode': 'w/e\u0301',
  'with a double slash': 'w//x',
  'with a leading slash': '/wlead',
  'with a trailing slash': 'w/dir/',
  'with a dot segment': 'w/./x',
  'with a double dot segment': 'w/../x',
  'with a segment of three dots': 'w/...',
  'with marks that encodeURIComponent leaves': 'w/~a!*()',
  'with reserved marks': 'w/a:b;c@d=e,f$',
  'with a backslash': 'w/a\\b',
  'with brackets': 'w/[a]{b}|^`',
  'with a control character': 'w/a\u0001b',
  'of 1024 letters': 'L'.repeat(1024),
  'of 1024 bytes in 512 letters': 'é'.repeat(512),
  'of 1024 bytes in 128 segments': `${'dir4567/'.repeat(127)}endfile!`,
  'that is hidden on a disk': '.hidden',
  "of an object's prototype": '__proto__',
};

test.each(Object.entries(NAMES))('a name %s is stored, read, listed and deleted', async (_, name) => {
  await gcs.put(name, `content of ${name}`);
  expect(await gcs.text(name)).toBe(`content of ${name}`);
  const [files] = await gcs.bucket.getFiles({ prefix: name });
  expect(files.map(file => file.name)).toContain(name);
  await gcs.file(name).delete();
  expect(await refusal(gcs.file(name).download())).toBe(404);
});

describe('names that a file system would confuse', () => {
  const names = ['w/df', 'w/df/child', 'w/CASE', 'w/case'];
  beforeAll(() => Promise.all(names.map(name => gcs.put(name, name))));

  test.each(names)('%s stands by itself', async name => {
    expect(await gcs.text(name)).toBe(name);
    const [files] = await gcs.bucket.getFiles({ prefix: name });
    expect(files.map(file => file.name)).toContain(name);
  });
});

test.each([
  ['longer than 1024 bytes', 'x'.repeat(1025)],
  ['longer than 1024 bytes in fewer letters', 'é'.repeat(513)],
  ['that is a dot', '.'],
  ['that is two dots', '..'],
  ['with a line feed', 'w/a\nb'],
  ['with a carriage return', 'w/a\rb'],
  ['in the folder of the ACME protocol', '.well-known/acme-challenge/x'],
])('a name %s is refused', async (_, name) => {
  expect(await refusal(gcs.put(name, 'x'))).toBe(400);
  expect(await refusal(gcs.put(name, 'x', { resumable: true }))).toBe(400);
});
