import { recordCalls } from '@fieldfile/conformance';
import { MemoryStorage } from '@fieldfile/memory';
import { expect, test } from 'vitest';
import type { ObjectName } from '../names/object-name.ts';
import type { Backend } from '../storage/backend.ts';
import { canGivePaths, canPublishUrls, canSignUploads, canSignUrls } from '../storage/guards.ts';
import { Storage } from '../storage/storage.ts';
import { newWriteId } from '../storage/write-id.ts';
import { readOnly } from './read-only.ts';

async function fixture() {
  const memory = new MemoryStorage();
  await memory.save('a.txt', 'one', { contentType: 'text/x-mine' });
  const more = { settle: async () => {}, removeMany: async () => new Map(), close: async () => {} };
  const { backend, calls } = recordCalls(Object.assign(memory.backend, more));
  return { memory, calls, backend, storage: new Storage(readOnly(backend)) };
}

test('everything that would change something is refused, named, and nothing is called', async () => {
  const { storage, calls } = await fixture();
  let read = false;
  async function* content(): AsyncGenerator<Uint8Array> {
    read = true;
    yield new Uint8Array(1);
  }
  const changes: Record<string, () => Promise<unknown>> = {
    create: () => storage.save('b.txt', content()),
    replace: () => storage.replace('a.txt', content()),
    remove: () => storage.delete('a.txt'),
    removeMany: () => storage.deleteMany(['a.txt']),
    undo: () => storage.undo('a.txt', newWriteId()),
    settle: () => storage.settle('a.txt', newWriteId()),
    copy: () => storage.copy('a.txt', 'b.txt'),
  };
  for (const [operation, change] of Object.entries(changes)) {
    const refused = { code: 'permission', operation, storage: storage.id, retryable: false, applied: false };
    await expect(change(), operation).rejects.toMatchObject(refused);
  }
  expect(read).toBe(false);
  expect(calls).toEqual([]);
});

test('a backend without a method has none either, so that Storage does without', async () => {
  const storage = new Storage(readOnly(new MemoryStorage().backend));
  expect([storage.backend.settle, storage.backend.removeMany, storage.backend.close]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  const failed = await storage.deleteMany(['a', 'b']);
  expect([...failed.values()]).toMatchObject([{ code: 'permission' }, { code: 'permission' }]);
});

test('everything that reads passes through', async () => {
  const { storage, memory } = await fixture();
  expect(storage.id).toBe(memory.id);
  expect(await storage.info('a.txt')).toEqual(await memory.info('a.txt'));
  await using opened = await storage.open('a.txt', { start: 1 });
  expect(await opened.text()).toBe('ne');
  expect(await storage.listdir()).toEqual({ folders: [], files: ['a.txt'] });
  expect(await storage.exists('b.txt')).toBe(false);
  await storage[Symbol.asyncDispose]();
});

test('addresses pass through, but no upload is signed', async () => {
  const name = 'a' as ObjectName;
  const able = {
    publicUrl: (name: string) => `public:${name}`,
    signUrl: async (name: string) => `signed:${name}`,
    localPath: (name: string) => `/srv/${name}`,
    signUpload: async (): Promise<never> => Promise.reject(new Error('signed an upload')),
  };
  const backend = readOnly(Object.assign(new MemoryStorage().backend, able, { cannot: [] }));
  expect(backend.publicUrl(name)).toBe('public:a');
  expect(await backend.signUrl(name)).toBe('signed:a');
  expect(backend.localPath(name)).toBe('/srv/a');
  // @ts-expect-error a read-only backend signs no uploads
  expect(backend.signUpload).toBeUndefined();
  const storage: Storage = new Storage<Backend>(backend);
  expect([canPublishUrls, canSignUrls, canGivePaths, canSignUploads].map(can => can(storage))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  const bare: Backend = Object.assign(new MemoryStorage().backend, { publicUrl: undefined });
  // @ts-expect-error what publishes nothing publishes nothing read-only
  expect(readOnly(bare).publicUrl).toBeUndefined();
});
