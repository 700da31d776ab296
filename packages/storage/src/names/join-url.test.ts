import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filepathToUri } from './filepath-to-uri.ts';
import { joinUrl } from './join-url.ts';

test('django 4.4/55 test_file_url: encodes exactly, turns backslashes, drops leading slashes', () => {
  const base = '/test_media_url/';
  expect(joinUrl(base, 'test.file')).toBe('/test_media_url/test.file');
  expect(joinUrl(base, "~!*()'@#$%^&*abc`+ =.file")).toBe(
    "/test_media_url/~!*()'%40%23%24%25%5E%26*abc%60%2B%20%3D.file",
  );
  expect(joinUrl(base, 'ab\0c')).toBe('/test_media_url/ab%00c');
  expect(joinUrl(base, 'a/b\\c.file')).toBe('/test_media_url/a/b/c.file');
  for (const prefix of ['', '/', '\\', '///', '\\\\\\'])
    expect(joinUrl(base, `${prefix}evil.com`)).toBe('/test_media_url/evil.com');
  expect(joinUrl(base, '')).toBe(base);
});

test('django 4.4/56 test_base_url: a missing last slash is added', () => {
  expect(joinUrl('/no_ending_slash', 'a.txt')).toBe('/no_ending_slash/a.txt');
  expect(joinUrl('https://cdn.example.com/m', 'a.txt')).toBe('https://cdn.example.com/m/a.txt');
});

test.each(['../x', 'a/../../x', '..\\x', './x', 'a/.'])('refuses %j, which a client would resolve', name => {
  expect(() => joinUrl('/media/', name)).toThrow(expect.objectContaining({ code: 'suspicious-name' }));
});

test('refuses half a surrogate pair', () => {
  expect(() => filepathToUri('\ud800')).toThrow(expect.objectContaining({ code: 'suspicious-name' }));
});

test('whatever the name, a client stays below the base', () => {
  const origin = 'https://example.com/media/';
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('.', '/', '\\', '%', '2', 'e', '\t', 'a', '?', '#') }),
      name => {
        let url: string;
        try {
          url = joinUrl(origin, name);
        } catch {
          return;
        }
        expect(new URL(url).href.startsWith(origin)).toBe(true);
      },
    ),
  );
});
