import { inspect } from 'node:util';
import { canPublishUrls, canSignUploads, canSignUrls } from '@fieldfile/storage';
import type { ObjectKey } from '@fieldfile/storage/backend';
import { describe, expect, test } from 'vitest';
import type { FileSystemStorageOptions } from './options.ts';
import { FileSystemStorage } from './storage.ts';
import { addressOf, type SignedRequest, signedAddress, signingKeys, verifySignedAddress } from './url.ts';

const SECRET = 'correct horse battery staple, at length';
const OLDER = 'an older secret that is still verified!';
const keys = signingKeys([SECRET, OLDER]);
const baseUrl = 'https://media.example.com/files/';
const request: SignedRequest = { method: 'GET', key: 'a b/ü?.png' as ObjectKey, expiresAt: 1000 };

function sign(signed: SignedRequest = request, key = SECRET, base = baseUrl): string {
  return signedAddress(base, signed, new TextEncoder().encode(key));
}

const verify = (address: string | URL | URLSearchParams, method = 'GET', now = 999): SignedRequest =>
  verifySignedAddress(address, method, { baseUrl, keys, now });

describe('signed URLs', () => {
  test('say what was signed', () => {
    const upload: SignedRequest = {
      method: 'PUT',
      key: 'a.png' as ObjectKey,
      expiresAt: 1000,
      contentType: 'image/png',
      exactBytes: 10,
      maxBytes: 20,
      noOverwrite: true,
    };
    expect(verify(sign(upload), 'PUT')).toEqual(upload);
    expect(verify(new URL(sign()))).toEqual(request);
    expect(verify(new URL(sign()).searchParams)).toEqual(request);
    expect(verify(sign(), 'HEAD')).toEqual(request);
  });

  test('are none where there is no URL at all', () => {
    for (const address of ['//[', 'http://[', 'http://a:port/', '', '?'])
      expect(() => verify(address)).toThrow(expect.objectContaining({ code: 'permission' }));
  });

  test('are verified by every key, and signed by the first', () => {
    expect(verify(sign(request, OLDER))).toEqual(request);
    const storage = new FileSystemStorage({ root: 'media', baseUrl, signingKey: [SECRET, OLDER] });
    const other = new FileSystemStorage({ root: 'media', baseUrl, signingKey: SECRET });
    return expect(
      storage
        .signedUrl('a.png', { expiresInSeconds: 60 })
        .then(url => other.backend.verifyToken(url, 'GET').key),
    ).resolves.toBe('a.png');
  });

  test.each<[string, () => unknown]>([
    ['no token', () => verify(`${baseUrl}a.png`)],
    ['an empty token', () => verify(`${baseUrl}a.png?fieldfile=`)],
    ['a token of the wrong shape', () => verify(`${baseUrl}a.png?fieldfile=e30.e30.e30`)],
    ['a payload that is not the signed one', () => verify(sign().replace('fieldfile=e', 'fieldfile=f'))],
    ['a third key', () => verify(sign(request, 'a secret nobody here has ever heard of'))],
    ['another method', () => verify(sign(), 'PUT')],
    ['a method nobody signs', () => verify(sign(), 'DELETE')],
    ['the second it expires', () => verify(sign(), 'GET', 1000)],
    [
      'another storage with the same secret',
      () => verify(sign(request, SECRET, 'https://media.example.com/private/')),
    ],
    ['the path of another object', () => verify(sign().replace('.png', '.gif'))],
  ])('refuse %s', (_, act) => {
    expect(act).toThrow(expect.objectContaining({ code: 'permission' }));
  });

  test('refuse every change of one character', () => {
    const url = sign();
    const start = url.indexOf('fieldfile=') + 'fieldfile='.length;
    for (let index = start; index < url.length; index++) {
      const changed = `${url.slice(0, index)}${url[index] === 'A' ? 'B' : 'A'}${url.slice(index + 1)}`;
      // The last character of base64 may hold bits that say nothing.
      if (index === url.length - 1) continue;
      expect(() => verify(changed)).toThrow();
    }
  });

  test('stay the same within a step, so that browsers cache', async () => {
    const storage = new FileSystemStorage({
      root: 'media',
      baseUrl,
      signingKey: SECRET,
      expiryStepSeconds: 1_000_000_000,
    });
    const [one, two] = [
      await storage.signedUrl('a.png', { expiresInSeconds: 60 }),
      await storage.signedUrl('a.png', { expiresInSeconds: 61 }),
    ];
    expect(one).toBe(two);
    expect(storage.backend.verifyToken(one, 'GET').expiresAt % 1_000_000_000).toBe(0);
  });

  test('of uploads bind what was asked, and never overwrite', async () => {
    const storage = new FileSystemStorage({ root: 'media', baseUrl, signingKey: SECRET });
    const upload = await storage.signedUpload('a.png', {
      expiresInSeconds: 60,
      contentType: 'image/png',
      maxBytes: 100,
    });
    expect(upload).toMatchObject({ method: 'PUT', headers: { 'content-type': 'image/png' } });
    expect([...upload.enforced].sort()).toEqual([
      'expiry',
      'key',
      'max-length',
      'method',
      'no-overwrite',
      'type',
    ]);
    expect(storage.backend.verifyToken(upload.url, 'PUT')).toMatchObject({
      maxBytes: 100,
      noOverwrite: true,
    });
    expect(() => storage.backend.verifyToken(upload.url, 'GET')).toThrow('not signed for GET');
  });

  test('need a base URL and a key, and say so', async () => {
    const bare = new FileSystemStorage({ root: 'media' });
    expect(() => bare.publicUrl('a')).toThrow(/has no baseUrl: construct/);
    await expect(bare.signedUrl('a', { expiresInSeconds: 1 })).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('public URLs', () => {
  const cases: readonly (readonly [string, string])[] = [
    ["~!*()'@#$%^&*abc`+ =.file", "~!*()'%40%23%24%25%5E%26*abc%60%2B%20%3D.file"],
    ['a b/c?d.png', 'a%20b/c%3Fd.png'],
    ['100%.txt', '100%25.txt'],
    ['%2e%2e/x', '%252e%252e/x'],
    ['a\\b', 'a%5Cb'],
    ['größe 🎉', 'gr%C3%B6%C3%9Fe%20%F0%9F%8E%89'],
  ];
  test.each(cases)('django 4.4/55 test_file_url: %j', (name, path) => {
    expect(addressOf(baseUrl, name as ObjectKey)).toBe(baseUrl + path);
    expect(new URL(addressOf(baseUrl, name as ObjectKey)).pathname).toBe(`/files/${path}`);
  });

  test('django 4.4/56 test_base_url: adds the slash that is missing', () => {
    const storage = new FileSystemStorage({ root: 'media', baseUrl: '/media' });
    expect(storage.publicUrl('a.png')).toBe('/media/a.png');
  });

  test('never leave the base', () => {
    const storage = new FileSystemStorage({ root: 'media', baseUrl });
    for (const name of ['../x', '/x', '//evil.example', 'a/../../x', '.', '..'])
      expect(() => storage.publicUrl(name)).toThrow(expect.objectContaining({ code: 'suspicious-name' }));
  });
});

test('secrets are in no inspection and no message', () => {
  const storage = new FileSystemStorage({ root: '/srv/media', baseUrl, signingKey: SECRET });
  const shown = inspect(storage, { depth: 9, showHidden: true }) + inspect(storage.backend, { depth: 9 });
  expect(shown).toContain('/srv/media');
  expect(shown).not.toContain(SECRET);
  expect(() => new FileSystemStorage({ root: 'x', signingKey: 'too short' })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('too short') }),
  );
});

test('what a disk can do depends on what it was given, and one call gives its URL', async () => {
  const address = { root: 'media', baseUrl };
  const guards = [canPublishUrls, canSignUrls, canSignUploads];
  const can = (options: FileSystemStorageOptions): readonly boolean[] =>
    guards.map(guard => guard(new FileSystemStorage(options)));
  expect(can({ root: 'media' })).toEqual([false, false, false]);
  expect(can({ root: 'media', signingKey: SECRET })).toEqual([false, false, false]);
  expect(can(address)).toEqual([true, false, false]);
  expect(can({ ...address, signingKey: SECRET })).toEqual([true, true, true]);

  const open = new FileSystemStorage(address);
  expect(await open.url('a.png', { expiresInSeconds: 60 })).toBe(open.publicUrl('a.png'));
  const signing = new FileSystemStorage({ ...address, signingKey: SECRET });
  expect(signing.backend.verifyToken(await signing.url('a.png'), 'GET').key).toBe('a.png');
  const told = new FileSystemStorage({ ...address, signingKey: SECRET, urls: 'public' });
  expect(await told.url('a.png')).toBe(told.publicUrl('a.png'));
  expect(() => new FileSystemStorage({ ...address, urls: 'signed' })).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  );
});
