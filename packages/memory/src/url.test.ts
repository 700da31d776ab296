import { canPublishUrls, canSignUploads, canSignUrls } from '@fieldfile/storage';
import { expect, test } from 'vitest';
import type { MemoryStorageOptions } from './options.ts';
import { MemoryStorage } from './storage.ts';

const SECRET = 'correct horse battery staple, at length';
const baseUrl = '/media/';

test('what memory can do depends on what it was given, as on disk', async () => {
  const can = (options: MemoryStorageOptions): readonly boolean[] =>
    [canPublishUrls, canSignUrls, canSignUploads].map(guard => guard(new MemoryStorage(options)));
  expect(can({})).toEqual([false, false, false]);
  expect(can({ signingKey: SECRET })).toEqual([false, false, false]);
  expect(can({ baseUrl })).toEqual([true, false, false]);
  expect(can({ baseUrl, signingKey: SECRET })).toEqual([true, true, true]);
  const bare = new MemoryStorage();
  await expect(bare.url('a')).rejects.toMatchObject({ code: 'unsupported' });
  expect(() => bare.publicUrl('a')).toThrow(/has no baseUrl: construct MemoryStorage with one/);
  await expect(bare.signedUrl('a', { expiresInSeconds: 1 })).rejects.toMatchObject({ code: 'unsupported' });
});

test('signed URLs expire by the clock that the storage was given', async () => {
  let now = new Date('2026-01-01T00:00:00Z');
  const storage = new MemoryStorage({ baseUrl, signingKey: SECRET, clock: () => now });
  const url = await storage.signedUrl('a b.png', { expiresInSeconds: 60, download: 'b.png' });
  expect(url).toMatch(/^\/media\/a%20b\.png\?fieldfile=/);
  now = new Date('2026-01-01T00:00:59Z');
  expect(storage.backend.verifyToken(url, 'GET')).toMatchObject({ name: 'a b.png', download: 'b.png' });
  now = new Date('2026-01-01T00:01:00Z');
  expect(() => storage.backend.verifyToken(url, 'GET')).toThrow(
    expect.objectContaining({ code: 'permission' }),
  );
});

test.each([
  ['baseUrl', 'media.example.com'],
  ['signingKey', 'short'],
  ['expiryStepSeconds', 0],
])('refuses %s %j, naming it and the fix', (option, value) => {
  const options = { [option]: value } as MemoryStorageOptions;
  expect(() => new MemoryStorage(options)).toThrow(
    expect.objectContaining({
      code: 'invalid-argument',
      message: expect.stringMatching(`MemoryStorage .*${option}.*: \\w+`),
    }),
  );
});
