import { execFileSync } from 'node:child_process';
import { inspect } from 'node:util';
import {
  before,
  type PlannedFault,
  recordCalls,
  refused,
  throttled,
  withFaults,
} from '@fieldfile/conformance';
import { MemoryStorage } from '@fieldfile/memory';
import { expect, expectTypeOf, test } from 'vitest';
import { configure } from '../configure.ts';
import { type FieldFileError, isFieldFileError } from '../errors/field-file-error.ts';
import { djangoNames } from '../names/django-names.ts';
import type { Backend, ObjectInfo } from './backend.ts';
import type { HasLocalPath, PublishesUrls, SignsUploads, SignsUrls, UrlOptions } from './capabilities.ts';
import { canGivePaths, canPublishUrls, canSignUploads, canSignUrls } from './guards.ts';
import { isStorage, Storage } from './storage.ts';
import { newWriteId } from './write-id.ts';

function fixture(plan: readonly PlannedFault[] = []) {
  const memory = new MemoryStorage();
  const { backend, calls } = recordCalls(memory.backend);
  const storage = new Storage(withFaults(backend, plan), { retry: { baseDelayMs: 0 } });
  return { memory, storage, reached: () => calls.map(call => call.operation), calls };
}

/** The memory backend with something changed. */
const changed = (change: object): Backend => Object.assign(new MemoryStorage().backend, change);

async function read(storage: Storage, name: string): Promise<string> {
  await using opened = await storage.open(name);
  return await opened.text();
}

async function namesOf(storage: Storage): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of storage.list()) names.push(name);
  return names;
}

async function rejection(call: Promise<unknown>): Promise<FieldFileError> {
  const error = await call.catch(error => error);
  if (!isFieldFileError(error)) throw new Error(`Not a FieldFileError: ${error}`);
  return error;
}

const BAD_NAMES = [
  '',
  '/',
  '/etc/passwd',
  '..',
  'a/../b',
  'a//b',
  './a',
  'C:/a',
  'a\0b',
  'a\nb',
  'a/',
  '\ud800',
];

const suspicious = expect.objectContaining({ code: 'suspicious-name' });

test.each(BAD_NAMES)('the name %j is refused by every operation, and nothing is called', async name => {
  const { storage, reached, memory } = fixture();
  await memory.save('a.txt', 'one');
  const id = newWriteId();
  const operations: Record<string, () => Promise<unknown>> = {
    create: () => storage.create(name, 'x'),
    replace: () => storage.replace(name, 'x'),
    settle: () => storage.settle(name, id),
    undo: () => storage.undo(name, id),
    open: () => storage.open(name),
    info: () => storage.info(name),
    exists: () => storage.exists(name),
    delete: () => storage.delete(name),
    deleteMany: async () => {
      throw (await storage.deleteMany([name])).get(name);
    },
    copy: () => storage.createCopy(name, 'b.txt'),
  };
  for (const [operation, call] of Object.entries(operations)) {
    const error = await rejection(call());
    expect(error, operation).toMatchObject({ code: 'suspicious-name', operation, storage: storage.id });
    expect(error.objectName, operation).toBeDefined();
  }
  await expect(storage.copy('a.txt', name)).rejects.toThrow(suspicious);
  expect(reached()).toEqual([]);
});

test.each(BAD_NAMES)('the name %j out of a policy never reaches the backend', async bad => {
  const memory = new MemoryStorage();
  const { backend, calls } = recordCalls(memory.backend);
  const announced: string[] = [];
  const names = { ...djangoNames({ first: 'unique' }), getAlternativeName: () => bad };
  const storage = new Storage(backend, { names });
  const onCandidate = async (name: string): Promise<void> => void announced.push(name);
  await expect(storage.save('a.txt', 'x', { onCandidate })).rejects.toThrow(suspicious);
  const later = new Storage(backend, { names: { ...names, first: 'keep' } });
  await memory.save('a.txt', 'taken');
  await expect(later.save('a.txt', 'x', { onCandidate })).rejects.toThrow(suspicious);
  expect(announced).toEqual(['a.txt']);
  expect(calls.map(call => call.operation)).toEqual(['create']);
  expect(await namesOf(memory)).toEqual(['a.txt']);
});

test.each(BAD_NAMES)(
  'the name %j out of a backend is refused, and the write is not settled under it',
  async bad => {
    const info = { name: bad, sizeBytes: 1, version: '1', lastModified: new Date(0), metadata: {} };
    let settled = 0;
    const answer = async (): Promise<ObjectInfo> => info as unknown as ObjectInfo;
    const storage = new Storage(
      changed({
        create: answer,
        replace: answer,
        copy: answer,
        settle: async () => {
          settled += 1;
        },
      }),
    );
    for (const call of [storage.save('a', 'x'), storage.replace('a', 'x'), storage.copy('a', 'b')])
      await expect(call).rejects.toThrow(suspicious);
    expect(settled).toBe(0);
  },
);

test.each(['contentType', 'cacheControl', 'contentDisposition'])(
  '%s with control characters is refused',
  async option => {
    const { storage, reached } = fixture();
    for (const value of ['text/plain\r\nx-evil: 1', 'a\0', 'a\x7f', 1, null]) {
      const options = { [option]: value, metadata: { [option]: 'harmless' } };
      for (const call of [
        storage.save('a', 'x', options),
        storage.replace('a', 'x', options),
        storage.copy('a', 'b', options),
      ]) {
        const error = await call.catch(error => error);
        expect(error).toMatchObject({ code: 'invalid-argument', storage: storage.id });
        expect(error.message).toContain(option);
      }
    }
    expect(reached()).toEqual([]);
  },
);

test('metadata with control characters, in key or value, is refused', async () => {
  const { storage, reached } = fixture();
  for (const metadata of [{ a: 'x\ny' }, { 'a\nb': 'x' }])
    await expect(storage.save('a', 'x', { metadata })).rejects.toMatchObject({ code: 'invalid-argument' });
  expect(reached()).toEqual([]);
});

test.each([
  { start: -1 },
  { start: 0.5 },
  { start: Number.NaN },
  { start: 2, endExclusive: 1 },
  { start: 0, endExclusive: Number.POSITIVE_INFINITY },
])('the range %j is refused before the backend is asked', async range => {
  const { storage, reached } = fixture();
  await expect(storage.open('a.txt', range)).rejects.toMatchObject({
    code: 'invalid-argument',
    operation: 'open',
    storage: storage.id,
    objectName: 'a.txt',
  });
  expect(reached()).toEqual([]);
});

test('every error names operation, storage and object, whoever threw it', async () => {
  const { storage } = fixture();
  const signal = AbortSignal.abort();
  const calls: Record<string, () => Promise<unknown>> = {
    create: () => storage.save('a', 'x', { signal }),
    replace: () => storage.replace('a', 'x', { signal }),
    open: () => storage.open('a', { signal }),
    info: () => storage.info('a', { signal }),
    exists: () => storage.exists('a', { signal }),
    delete: () => storage.delete('a', { signal }),
    undo: () => storage.undo('a', newWriteId(), { signal }),
    copy: () => storage.copy('b', 'a', { signal }),
  };
  for (const [operation, call] of Object.entries(calls)) {
    const error = await rejection(call());
    expect(error, operation).toMatchObject({ code: 'aborted', storage: storage.id, objectName: 'a' });
    expect(error.operation, operation).toBeDefined();
  }
  const tooLong = await storage.save(`a.${'x'.repeat(20)}`, 'x', { maxLength: 5 }).catch(error => error);
  expect(tooLong).toMatchObject({ code: 'name-too-long', operation: 'create', storage: storage.id });
});

test('the error of a content is not touched', async () => {
  const { storage, memory } = fixture();
  const failure = new Error('mine');
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(1);
    throw failure;
  }
  await expect(storage.save('a', failing())).rejects.toBe(failure);
  await expect(storage.replace('a', failing())).rejects.toBe(failure);
  expect(await namesOf(memory)).toEqual([]);
  const journal = async (): Promise<never> => Promise.reject(failure);
  await expect(storage.save('a', 'x', { onCandidate: journal })).rejects.toBe(failure);
});

test('bad options are refused before a name is announced', async () => {
  const { storage } = fixture();
  const announced: string[] = [];
  const onCandidate = async (name: string): Promise<void> => void announced.push(name);
  for (const bad of [{ contentType: 'a\nb' }, { maxSizeBytes: -1 }, { signal: AbortSignal.abort() }])
    await expect(storage.save('a', 'x', { ...bad, onCandidate })).rejects.toThrow();
  await expect(storage.copy('a', 'b', { contentType: 'a\nb', onCandidate })).rejects.toThrow();
  expect(announced).toEqual([]);
});

test('every name is announced and awaited before the backend tries it', async () => {
  const { storage, memory, calls } = fixture();
  await memory.save('a.txt', 'taken');
  const seen: [string, number][] = [];
  const name = await storage.save('a.txt', 'x', {
    onCandidate: async candidate => {
      await Promise.resolve();
      seen.push([candidate, calls.length]);
    },
  });
  expect(seen).toEqual([
    ['a.txt', 0],
    [name, 1],
  ]);
});

test('a content that is refused is refused before the backend is called', async () => {
  const { storage, reached } = fixture();
  const locked = new Blob(['x']).stream();
  locked.getReader();
  await expect(storage.save('a', locked)).rejects.toMatchObject({
    code: 'content-consumed',
    storage: storage.id,
  });
  await expect(storage.save('a', 'abc', { maxSizeBytes: 2 })).rejects.toMatchObject({ code: 'too-large' });
  await expect(storage.save('a', 'abc', { sizeBytes: 2 })).rejects.toMatchObject({ code: 'integrity' });
  await expect(storage.save('a', 'abc', { maxSizeBytes: Number.NaN })).rejects.toMatchObject({
    code: 'invalid-argument',
  });
  expect(reached()).toEqual([]);
});

test('a digest that was asked for is that of the bytes, also of a copy and a replacement', async () => {
  const { storage } = fixture();
  const expected = { algorithm: 'sha256', base64: 'ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=' };
  const digest = 'sha256';
  expect((await storage.create('a', 'abc', { digest })).info.digest).toEqual(expected);
  expect((await storage.replace('a', 'abc', { digest })).digest).toEqual(expected);
  expect((await storage.createCopy('a', 'b', { digest })).info.digest).toEqual(expected);
});

test('a save whose proof cannot be dropped is done: it answers, and the failure is reported', async () => {
  const failure = new Error('no such receipt');
  const reports: unknown[] = [];
  configure({ onError: error => reports.push(error) });
  const storage = new Storage(changed({ settle: () => Promise.reject(failure) }));
  expect(await storage.save('a', 'x')).toBe('a');
  expect((await storage.replace('a', 'y')).name).toBe('a');
  expect(await storage.copy('a', 'b')).toBe('b');
  expect(reports).toEqual([failure, failure, failure]);
  await expect(storage.settle('a', newWriteId())).rejects.toBe(failure);
});

test('what is safe to repeat is repeated', async () => {
  for (const on of ['read', 'info', 'remove', 'undo'] as const) {
    const { storage, memory } = fixture([{ on, nth: [1, 2, 3], fault: before(throttled) }]);
    const { writeId } = await memory.create('a', 'x');
    if (on === 'read') expect(await read(storage, 'a')).toBe('x');
    if (on === 'info') expect((await storage.info('a')).sizeBytes).toBe(1);
    if (on === 'remove') await storage.delete('a');
    if (on === 'undo') expect(await storage.undo('a', writeId)).toBe('removed');
  }
});

test('deleteMany deletes what it can and tells the rest', async () => {
  const { storage, memory } = fixture([{ on: 'remove', name: 'b', fault: before(refused) }]);
  for (const name of ['a', 'b', 'c']) await memory.save(name, name);
  const failed = await storage.deleteMany(new Set(['a', 'b', 'c', 'absent']));
  expect([...failed.keys()]).toEqual(['b']);
  expect(isFieldFileError(failed.get('b'), 'permission')).toBe(true);
  expect(await namesOf(memory)).toEqual(['b']);
});

test("deleteMany uses the provider's batches, repeats them, and does nothing when aborted", async () => {
  const batches: unknown[] = [];
  const backend = changed({
    removeMany: async (names: unknown) => {
      batches.push(names);
      if (batches.length === 1) throw throttled({ operation: 'removeMany', name: 'a', given: [] });
      return new Map([['b', 'why']]);
    },
  });
  const storage = new Storage(backend, { retry: { baseDelayMs: 0 } });
  expect([...(await storage.deleteMany(['a', 'b']))]).toEqual([['b', 'why']]);
  expect(batches).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
  const { storage: single } = fixture();
  const aborted = single.deleteMany(['a'], { signal: AbortSignal.abort() });
  await expect(aborted).rejects.toMatchObject({
    code: 'aborted',
    operation: 'deleteMany',
    storage: single.id,
  });
});

test('listdir gives one level, relative to it', async () => {
  const { storage } = fixture();
  for (const name of ['a.txt', 'd/b.txt', 'd/e/c.txt', 'd2/x']) await storage.save(name, 'x');
  expect(await storage.listdir()).toEqual({ folders: ['d', 'd2'], files: ['a.txt'] });
  expect(await storage.listdir('.')).toEqual({ folders: ['d', 'd2'], files: ['a.txt'] });
  for (const path of ['d', 'd/', './d'])
    expect(await storage.listdir(path)).toEqual({ folders: ['e'], files: ['b.txt'] });
  expect(await storage.listdir('absent')).toEqual({ folders: [], files: [] });
});

test.each(['../', '/etc', 'a/../b', 'a//', 'C:/', 'a\0'])('nothing is listed below %j', async prefix => {
  const { storage, reached } = fixture();
  await expect(storage.listdir(prefix).then(() => storage.list(prefix).next())).rejects.toThrow(suspicious);
  const listing = storage.list(prefix).next();
  await expect(listing).rejects.toMatchObject({
    code: 'suspicious-name',
    operation: 'list',
    storage: storage.id,
  });
  expect(reached().filter(operation => operation !== 'list')).toEqual([]);
});

test('a prefix may be the beginning of a name, hidden ones included', async () => {
  const { storage } = fixture();
  for (const name of ['.hidden', 'ab/c', 'ab/d', 'abc', `${'x'.repeat(1024)}`]) await storage.save(name, 'x');
  const below = async (prefix: string): Promise<string[]> => {
    const names: string[] = [];
    for await (const { name } of storage.list(prefix, { pageSize: 1 })) names.push(name);
    return names;
  };
  expect(await below('.')).toEqual(['.hidden']);
  expect(await below('ab')).toEqual(['ab/c', 'ab/d', 'abc']);
  expect(await below('ab/')).toEqual(['ab/c', 'ab/d']);
  expect(await below('x'.repeat(1024))).toHaveLength(1);
});

test.each([true, false])('a copy keeps type and metadata (by the provider: %s)', async byProvider => {
  const memory = new MemoryStorage();
  const { backend, calls } = recordCalls(byProvider ? memory.backend : changed({ copy: undefined }));
  const storage = new Storage(backend);
  const about = { contentType: 'text/x-mine', metadata: { by: 'me' } };
  await storage.save('a.txt', 'content', about);
  await storage.save('b.txt', 'taken');
  const name = await storage.copy('a.txt', 'b.txt');
  expect(name).toMatch(/^b_\w{7}\.txt$/);
  expect(await storage.info(name)).toMatchObject({ ...about, sizeBytes: 7 });
  expect(await read(storage, name)).toBe('content');
  expect(calls.some(call => call.operation === 'copy')).toBe(byProvider);
  const other = await storage.copy('a.txt', 'c.txt', { contentType: 'text/y', metadata: {} });
  expect(await storage.info(other)).toMatchObject({ contentType: 'text/y', metadata: {} });
  await expect(storage.copy('absent', 'd.txt')).rejects.toMatchObject({ code: 'not-found' });
});

test.each([true, false])('a copy keeps to the limits of a save (by the provider: %s)', async byProvider => {
  const storage = new Storage(byProvider ? new MemoryStorage().backend : changed({ copy: undefined }));
  await storage.save('a', '12345');
  await expect(storage.copy('a', 'b', { maxSizeBytes: 4 })).rejects.toMatchObject({ code: 'too-large' });
  await expect(storage.copy('a', 'b', { sizeBytes: 4 })).rejects.toMatchObject({ code: 'integrity' });
  expect(await storage.copy('a', 'b', { maxSizeBytes: 5, sizeBytes: 5 })).toBe('b');
  await expect(storage.copy('absent', 'c', { maxSizeBytes: 5 })).rejects.toMatchObject({ code: 'not-found' });
  expect(await namesOf(storage)).toEqual(['a', 'b']);
});

test('a copy that passes through here keeps the original open until its last byte is stored', async () => {
  const memory = changed({ copy: undefined });
  let open = 0;
  const inner = memory.read.bind(memory);
  const backend = Object.assign(memory, {
    async read(...given: Parameters<Backend['read']>) {
      const result = await inner(...given);
      open += 1;
      const reader = result.stream.getReader();
      const stream = new ReadableStream({
        async pull(controller) {
          if (open === 0) throw new Error('it was closed before');
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
      });
      return { ...result, stream, [Symbol.asyncDispose]: async () => void open-- };
    },
  });
  const storage = new Storage(backend);
  await storage.save('a', 'x'.repeat(300_000));
  expect(await storage.copy('a', 'b')).toBe('b');
  expect(open).toBe(0);
  expect((await storage.info('b')).sizeBytes).toBe(300_000);
});

const able = {
  cannot: [],
  publicUrl: (name: string) => `https://cdn/${name}`,
  signUrl: async (name: string, options: UrlOptions) => `https://signed/${name}?${options.expiresInSeconds}`,
  signUpload: async (name: string) => ({
    method: 'PUT',
    url: name,
    headers: {},
    enforced: new Set(['name']),
  }),
  localPath: (name: string) => `/srv/${name}`,
};

test('what a backend can do beyond is in the type, and asked by a guard', async () => {
  const plain: Storage = new MemoryStorage();
  const storage: Storage = new Storage(changed(able));
  for (const can of [canPublishUrls, canSignUrls, canSignUploads, canGivePaths]) {
    expect(can(plain)).toBe(false);
    expect(can(storage)).toBe(true);
  }
  // @ts-expect-error not every storage publishes
  expect(() => plain.publicUrl('a')).toThrow(
    expect.objectContaining({ code: 'unsupported', storage: plain.id }),
  );
  // @ts-expect-error not every storage has local files
  expect(() => plain.path('a')).toThrow(expect.objectContaining({ code: 'unsupported' }));
  // @ts-expect-error not every storage signs
  await expect(plain.signedUrl('a', { expiresInSeconds: 1 })).rejects.toMatchObject({ code: 'unsupported' });
  // @ts-expect-error not every storage signs uploads
  await expect(plain.signedUpload('a', { expiresInSeconds: 1 })).rejects.toMatchObject({
    code: 'unsupported',
  });
  if (canPublishUrls(storage)) expect(storage.publicUrl('a b')).toBe('https://cdn/a b');
  if (canSignUrls(storage))
    expect(await storage.signedUrl('a', { expiresInSeconds: 5 })).toBe('https://signed/a?5');
  if (canGivePaths(storage)) expect(storage.path('a')).toBe('/srv/a');
  if (canSignUploads(storage))
    expect((await storage.signedUpload('a', { expiresInSeconds: 5 })).enforced).toEqual(new Set(['name']));
  expectTypeOf<Storage<Backend & PublishesUrls>>().toExtend<Storage>();
  type Azure = Storage<Backend & SignsUploads<'name' | 'expiry'> & SignsUrls & HasLocalPath>;
  expectTypeOf<Azure['signedUpload']>().toBeFunction();
});

test('addresses of bad names, bad expiries and unsafe headers are refused', async () => {
  const storage = new Storage(
    changed(able) as Backend & PublishesUrls & SignsUrls & SignsUploads & HasLocalPath,
  );
  for (const name of BAD_NAMES) {
    expect(() => storage.publicUrl(name)).toThrow(suspicious);
    expect(() => storage.path(name)).toThrow(suspicious);
    await expect(storage.signedUrl(name, { expiresInSeconds: 1 })).rejects.toThrow(suspicious);
    await expect(storage.signedUpload(name, { expiresInSeconds: 1 })).rejects.toThrow(suspicious);
  }
  const invalid = expect.objectContaining({ code: 'invalid-argument', storage: storage.id, objectName: 'a' });
  for (const expiresInSeconds of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    await expect(storage.signedUrl('a', { expiresInSeconds })).rejects.toThrow(invalid);
    await expect(storage.signedUpload('a', { expiresInSeconds })).rejects.toThrow(invalid);
  }
  for (const unsafe of [{ contentType: 'a\r\nb' }, { download: 'a\nb.txt' }])
    await expect(storage.signedUrl('a', { expiresInSeconds: 1, ...unsafe })).rejects.toThrow(invalid);
  for (const lengths of [{ maxBytes: -1 }, { exactBytes: 0.5 }])
    await expect(storage.signedUpload('a', { expiresInSeconds: 1, ...lengths })).rejects.toThrow(invalid);
});

test('what is shown of a storage is its id, never what its backend knows', () => {
  const storage = new Storage(changed({ id: 's3:https://host/bucket', secretAccessKey: 'hush' }));
  for (const shown of [
    inspect(storage, { depth: 9 }),
    JSON.stringify({ storage }),
    `${inspect([storage])}`,
  ]) {
    expect(shown).toContain('s3:https://host/bucket');
    expect(shown).not.toContain('hush');
  }
  expect(inspect(new MemoryStorage({ id: 'm' }))).toBe('MemoryStorage "m"');
});

test('a storage is recognised, and closes its backend', async () => {
  let closed = 0;
  {
    await using storage = new Storage(changed({ close: async () => void closed++ }));
    expect(isStorage(storage)).toBe(true);
  }
  expect(closed).toBe(1);
  for (const value of [undefined, null, {}, 'default', new MemoryStorage().backend])
    expect(isStorage(value)).toBe(false);
});

test('two saves of one stream at once: one is stored whole, the other refused', async () => {
  const { storage, memory } = fixture();
  async function* stream(): AsyncGenerator<Uint8Array> {
    for (let chunk = 0; chunk < 10; chunk++) yield new Uint8Array(1000);
  }
  const shared = stream();
  const results = await Promise.allSettled([storage.save('a', shared), storage.save('b', shared)]);
  expect(results.map(result => result.status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const [name = ''] = await namesOf(memory);
  expect(await namesOf(memory)).toHaveLength(1);
  expect((await memory.info(name)).sizeBytes).toBe(10_000);
});

test('a file that vanished before it was read fails the save, and not the process', () => {
  const program = `
    import { createReadStream } from 'node:fs';
    import { MemoryStorage } from '@fieldfile/memory';
    const slow = { onCandidate: () => new Promise(resolve => setImmediate(() => setImmediate(resolve))) };
    await new MemoryStorage().save('a', createReadStream('/nowhere/at/all'), slow).catch(error => console.log(error.code));
  `;
  const options = ['--conditions=@fieldfile/source', '--input-type=module', '--eval', program];
  expect(execFileSync(process.execPath, options, { encoding: 'utf8' }).trim()).toBe('ENOENT');
});
