import { inspect } from 'node:util';
import { canPublishUrls, canSignUploads, canSignUrls } from '@fieldfile/storage';
import { describe, expect, test } from 'vitest';
import type { FileSystemStorageOptions } from './options.ts';
import { FileSystemStorage } from './storage.ts';

const SECRET = 'correct horse battery staple, at length';
const OLDER = 'an older secret that is still verified!';
const baseUrl = 'https://media.example.com/files/';

describe('signed URLs', () => {
  test('are verified by every key, and signed by the first', async () => {
    const storage = new FileSystemStorage({ root: 'media', baseUrl, signingKey: [SECRET, OLDER] });
    const other = new FileSystemStorage({ root: 'media', baseUrl, signingKey: SECRET });
    const url = await storage.signedUrl('a.png', { expiresInSeconds: 60 });
    expect(other.backend.verifyToken(url, 'GET').name).toBe('a.png');
  });

  test('are good for one storage, whatever secret and address it shares with another', async () => {
    const shared = { baseUrl, signingKey: SECRET };
    const one = new FileSystemStorage({ root: 'tenants/1', ...shared });
    const two = new FileSystemStorage({ root: 'tenants/2', ...shared });
    const url = await one.signedUrl('a.png', { expiresInSeconds: 60 });
    expect(one.backend.verifyToken(url, 'GET').name).toBe('a.png');
    expect(() => two.backend.verifyToken(url, 'GET')).toThrow(
      expect.objectContaining({ code: 'permission' }),
    );
    const upload = await one.signedUpload('a.png', { expiresInSeconds: 60 });
    expect(() => two.backend.verifyToken(upload.url, 'PUT')).toThrow('wrong signature');
    const moved = new FileSystemStorage({ root: 'elsewhere', ...shared, formerIds: [one.id] });
    expect(moved.backend.verifyToken(url, 'GET').name).toBe('a.png');
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
      'max-length',
      'method',
      'name',
      'no-overwrite',
      'type',
    ]);
    expect(storage.backend.verifyToken(upload.url, 'PUT')).toMatchObject({
      maxBytes: 100,
      noOverwrite: true,
    });
    expect(() => storage.backend.verifyToken(upload.url, 'GET')).toThrow('not signed for GET');
  });

  test('of uploads bind a digest that can be computed, and tell where it cannot', async () => {
    const storage = new FileSystemStorage({ root: 'media', baseUrl, signingKey: SECRET });
    const digest = { algorithm: 'sha256', base64: 'x'.repeat(43) } as const;
    const upload = await storage.signedUpload('a.png', { expiresInSeconds: 60, digest });
    expect(upload.enforced.has('digest')).toBe(true);
    expect(storage.backend.verifyToken(upload.url, 'PUT')).toMatchObject({ digest });
    const other = { algorithm: 'crc64nvme', base64: 'x' } as const;
    const unbound = await storage.signedUpload('a.png', { expiresInSeconds: 60, digest: other });
    expect(unbound.enforced.has('digest')).toBe(false);
    await expect(
      storage.signedUpload('a.png', { expiresInSeconds: 60, digest: 'sha256-x' as never }),
    ).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  test('need a base URL and a key, and say so', async () => {
    const bare = new FileSystemStorage({ root: 'media' });
    expect(() => bare.publicUrl('a')).toThrow(/has no baseUrl: construct/);
    await expect(bare.signedUrl('a', { expiresInSeconds: 1 })).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('public URLs', () => {
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
  const withPassword = { root: 'x', baseUrl: 'https://user:hunter2@media.example.com/' };
  expect(() => new FileSystemStorage(withPassword)).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
  );
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
  expect(signing.backend.verifyToken(await signing.url('a.png'), 'GET').name).toBe('a.png');
  const told = new FileSystemStorage({ ...address, signingKey: SECRET, urls: 'public' });
  expect(await told.url('a.png')).toBe(told.publicUrl('a.png'));
  expect(() => new FileSystemStorage({ ...address, urls: 'signed' })).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  );
});
