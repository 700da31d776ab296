import { afterAll, expect, test } from 'vitest';
import { expectRefused, S3Fixture } from '../../test/s3-fixture.ts';

const s3 = await S3Fixture.start();
afterAll(() => s3[Symbol.asyncDispose]());

test.each(
  Object.entries({
    spaces: 'w/a b  c',
    'a space at the end': 'w/a ',
    plus: 'w/a+b',
    hash: 'w/a#b',
    'per cent': 'w/a%b',
    'an encoded space': 'w/a%20b',
    'an encoded slash': 'w/a%2Fb',
    'a question mark': 'w/a?b=c',
    'XML characters': 'w/a&b<c>\'"',
    Unicode: 'w/ünï/日本語/🎉',
    'a decomposed accent': 'w/e\u0301',
    'a double slash': 'w//x',
    'a slash at the start': '/wlead',
    'a slash at the end': 'w/dir/',
    'a dot segment': 'w/./x',
    'a double dot segment': 'w/../x',
    'three dots': 'w/...',
    'unreserved characters': 'w/~a!*()',
    'reserved characters': 'w/a:b;c@d=e,f$',
    backslash: 'w/a\\b',
    brackets: 'w/[a]{b}|^`',
    'a line break': 'w/a\nb',
    'a control character': 'w/a\u0001b',
    '1024 bytes': 'L'.repeat(1024),
    '1024 bytes in 512 characters': 'é'.repeat(512),
    '1024 bytes in 128 segments': `${'dir4567/'.repeat(127)}endfile!`,
    'a dot at the start': '.hidden',
    'the name of a prototype': '__proto__',
  }),
)('keeps a key with %s', async (label, key) => {
  await s3.put(key, label);
  expect(await s3.text(key)).toBe(label);
  const listed = await s3.list({ Prefix: key });
  expect(listed.Contents?.map(object => object.Key)).toContain(key);
  await s3.remove(key);
  await expectRefused(s3.get(key), 404, 'NoSuchKey');
});

test.each([
  ['a key and keys below it', ['both', 'both/child']],
  ['keys that differ in case', ['CASE', 'case']],
])('keeps %s side by side', async (_, keys) => {
  for (const key of keys) await s3.put(key, key);
  for (const key of keys) expect(await s3.text(key)).toBe(key);
  for (const key of keys)
    expect((await s3.list({ Prefix: key })).Contents?.map(object => object.Key)).toContain(key);
});

test('refuses a key of 1025 bytes', async () => {
  await expectRefused(s3.put('x'.repeat(1025), 'x'), 400, 'KeyTooLongError');
  await expectRefused(s3.put(`${'é'.repeat(512)}x`, 'x'), 400, 'KeyTooLongError');
});
