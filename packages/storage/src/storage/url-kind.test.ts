import { MemoryBackend, MemoryStorage } from '@fieldfile/memory';
import { expect, test } from 'vitest';
import { withPrefix } from '../wrappers/prefix.ts';
import { readOnly } from '../wrappers/read-only.ts';
import type { Backend, UrlKind, UrlMethod } from './backend.ts';
import type { UrlOptions } from './capabilities.ts';
import { canPublishUrls, canSignUploads, canSignUrls } from './guards.ts';
import { Storage } from './storage.ts';

const invalid = expect.objectContaining({ code: 'invalid-argument' });

/** A backend with every method for URLs, of which it cannot serve some. */
function backend(cannot: readonly UrlMethod[] = [], urls?: UrlKind): Backend {
  return Object.assign(new MemoryBackend(), {
    cannot,
    urls,
    publicUrl: (key: string) => `public:${key}`,
    signUrl: async (key: string, options: UrlOptions) =>
      `signed:${key}:${options.expiresInSeconds}${options.download ? `:${options.download}` : ''}`,
    signUpload: async () => ({ method: 'PUT' as const, url: '', headers: {}, enforced: new Set<never>() }),
  });
}

test('a storage signs where it can, else it is public, else it has no URLs', async () => {
  expect(await new Storage(backend()).url('a')).toBe('signed:a:3600');
  expect(await new Storage(backend()).url('a', { expiresInSeconds: 60 })).toBe('signed:a:60');
  const open = new Storage(backend(['signUrl', 'signUpload']));
  expect(await open.url('a')).toBe('public:a');
  expect(await open.url('a', { expiresInSeconds: 60, download: 'b' })).toBe('public:a');
  for (const none of [new MemoryStorage(), new Storage(backend(['publicUrl', 'signUrl', 'signUpload']))])
    await expect(none.url('a')).rejects.toMatchObject({ code: 'unsupported', operation: 'url' });
});

test('a public storage gives addresses, and signs only for what an address cannot say', async () => {
  const open = new Storage(backend(), { urls: 'public' });
  expect(await open.url('a')).toBe('public:a');
  expect(await open.url('a', { expiresInSeconds: 60 })).toBe('public:a');
  expect(await open.url('a', { download: 'b' })).toBe('signed:a:3600:b');
});

test('what is signed is checked, and names always are', async () => {
  const storage = new Storage(backend());
  await expect(storage.url('a', { expiresInSeconds: 0 })).rejects.toEqual(invalid);
  await expect(storage.url('../a')).rejects.toMatchObject({ code: 'suspicious-name' });
});

test('what a storage cannot give is refused when it is constructed', () => {
  const told = (cannot: readonly UrlMethod[], urls: unknown) => () =>
    new Storage(backend(cannot), { urls: urls as UrlKind });
  expect(told(['signUrl'], 'signed')).toThrow(/it can have 'public'/);
  expect(told(['publicUrl'], 'public')).toThrow(/it can have 'signed'/);
  expect(told(['publicUrl', 'signUrl'], 'public')).toThrow(/gives no URLs at all/);
  expect(told([], 'private')).toThrow(invalid);
  expect(() => new MemoryStorage({ urls: 'signed' })).toThrow(invalid);
});

test('wrappers know what the instance cannot, and what it was told', async () => {
  const guards = [canPublishUrls, canSignUrls, canSignUploads];
  const can = (one: Backend): readonly boolean[] => guards.map(guard => guard(new Storage<Backend>(one)));
  expect(can(backend(['signUrl', 'signUpload']))).toEqual([true, false, false]);
  expect(can(withPrefix(backend(['signUrl', 'signUpload']), 'p'))).toEqual([true, false, false]);
  expect(can(readOnly(backend(['publicUrl'])))).toEqual([false, true, false]);
  expect(await new Storage(withPrefix(readOnly(backend([], 'public')), 'p')).url('a')).toBe('public:p/a');
});
