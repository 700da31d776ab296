import { before, halfWay, lostAnswer, refused, throttled, withFaults } from '@fieldfile/conformance';
import { storageContract } from '@fieldfile/conformance/storage';
import { MemoryStorage } from '@fieldfile/memory';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Content } from '../content/content.ts';
import { FieldFileError } from '../errors/field-file-error.ts';
import type { ObjectName } from '../names/object-name.ts';
import type { Backend, ObjectInfo } from '../storage/backend.ts';
import { canGivePaths, canPublishUrls, canSignUploads, canSignUrls } from '../storage/guards.ts';
import { Storage } from '../storage/storage.ts';
import { storageParts } from '../storage/storage-parts.ts';
import { newWriteId } from '../storage/write-id.ts';
import { withPrefix } from './prefix.ts';

const LOCATION = 'tenants/7';

storageContract({
  name: 'memory below a prefix',
  test,
  describe,
  lacks: { 'flat-memory': 'the objects themselves are in memory' },
  largeBytes: 1024 * 1024,
  abortedUploads: 50,
  async create() {
    const memory = new MemoryStorage();
    await memory.save('tenants/7/with/a/longer/names', 'a neighbour');
    const open = (): Storage => new Storage(withPrefix(memory.backend, 'tenants/7/with/a/longer/name'));
    return { storage: open(), reopen: async () => open() };
  },
});

function fixture() {
  const memory = new MemoryStorage();
  return { memory, storage: new Storage(withPrefix(memory.backend, LOCATION)) };
}

/** A memory backend with something changed, below the prefix. */
function around(change: object, retry = { baseDelayMs: 0 }) {
  const { backend } = new MemoryStorage();
  return new Storage<Backend>(withPrefix(Object.assign(backend, change), LOCATION), { retry });
}

async function everythingOf(storage: Storage): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of storage.list()) names.push(name);
  return names;
}

test('objects are below the location, and nothing else is seen or reached', async () => {
  const { memory, storage } = fixture();
  for (const name of ['a.txt', 'tenants/70/b', 'tenants/7', 'tenants/6/c'])
    await memory.save(name, 'foreign');
  expect(await everythingOf(storage)).toEqual([]);
  expect(await storage.save('a.txt', 'mine')).toBe('a.txt');
  expect(await storage.save('a.txt', 'mine')).toMatch(/^a_\w{7}\.txt$/);
  expect(await memory.exists('tenants/7/a.txt')).toBe(true);
  await expect(storage.save('../8/a.txt', 'x')).rejects.toMatchObject({ code: 'suspicious-name' });
});

test('names are without the prefix, wherever they come from', async () => {
  const { storage } = fixture();
  const announced: string[] = [];
  const onCandidate = async (name: string): Promise<void> => void announced.push(name);
  const first = await storage.create('d/a.txt', '1', { onCandidate });
  const second = await storage.create('d/a.txt', '2', { onCandidate });
  const copied = await storage.createCopy('d/a.txt', 'e.txt', { onCandidate });
  expect(announced).toEqual(['d/a.txt', 'd/a.txt', second.name, 'e.txt']);
  expect([first, second, copied].map(write => write.info.name)).toEqual(['d/a.txt', second.name, 'e.txt']);
  expect((await storage.info('e.txt')).name).toBe('e.txt');
  expect((await storage.replace('e.txt', '3')).name).toBe('e.txt');
  await using opened = await storage.open('e.txt');
  expect(opened.info.name).toBe('e.txt');
  expect(await storage.listdir()).toEqual({ folders: ['d'], files: ['e.txt'] });
  expect((await storage.listdir('d')).files).toContain('a.txt');
});

test('a listing goes on after a name', async () => {
  const { storage } = fixture();
  for (const name of ['a', 'b', 'c', 'd']) await storage.save(name, name);
  const rest: string[] = [];
  for await (const { name } of storage.list('', { after: 'b', pageSize: 1 })) rest.push(name);
  expect(rest).toEqual(['c', 'd']);
});

test('an object that some tool made of the folder itself is not listed', async () => {
  const listed = { name: `${LOCATION}/` as ObjectName };
  const storage = around({
    async *list() {
      yield { objects: [listed, { name: `${LOCATION}/a` }], folders: [`${LOCATION}/d/`] };
    },
  });
  expect(await storage.listdir()).toEqual({ folders: ['d'], files: ['a'] });
});

test('a key outside of the location, as an answer, is refused and not cut to one inside', async () => {
  const foreign = { name: 'tenants/8/secret' } as ObjectInfo;
  const answer = async (): Promise<ObjectInfo> => foreign;
  const storage = around({
    create: answer,
    info: answer,
    async *list() {
      yield { objects: [foreign], folders: [] };
    },
  });
  for (const call of [storage.save('a', 'x'), storage.exists('a'), everythingOf(storage)])
    await expect(call).rejects.toMatchObject({ code: 'suspicious-name', storage: storage.id });
});

test('limits shrink by the prefix, and reserved segments are ordinary ones below it', async () => {
  const { memory, storage } = fixture();
  expect(storage.backend.limits.maxNameBytes).toBe(memory.backend.limits.maxNameBytes - 'tenants/7/'.length);
  const longest = 'x'.repeat(storage.backend.limits.maxNameBytes);
  expect(await storage.save(longest, 'x')).toBe(longest);
  const limits = { ...memory.backend.limits, maxSegmentBytes: 255, reservedSegments: ['.kept'] };
  const reserving = around({ limits });
  expect(reserving.backend.limits.maxSegmentBytes).toBe(255);
  expect(await reserving.save('.kept/a', 'x')).toBe('.kept/a');
});

test.each(['', '/', '/abs', 'a/', '../up', 'a//b', '.'])('the location %j is refused', location => {
  const { backend } = new MemoryStorage();
  expect(() => withPrefix(backend, location)).toThrow(expect.objectContaining({ code: 'suspicious-name' }));
});

test('a location that leaves no room for names is refused', () => {
  const { backend } = new MemoryStorage();
  expect(() => withPrefix(backend, 'x'.repeat(1024))).toThrow(
    expect.objectContaining({ code: 'name-too-long' }),
  );
});

test('a prefix of a prefix is the longer prefix', async () => {
  const { backend } = new MemoryStorage({ id: 'm' });
  const twice = withPrefix(withPrefix(backend, 'a'), 'b');
  expect(twice.id).toBe('m/a/b');
  expect(twice.id).toBe(withPrefix(backend, 'a/b').id);
  await new Storage(twice).save('c', 'x');
  expect(await new Storage(withPrefix(backend, 'a/b')).exists('c')).toBe(true);
});

test('errors of the backend are about the wrapper and the name below it', async () => {
  const { storage } = fixture();
  for (const call of [storage.open('absent'), storage.copy('absent', 'b')]) {
    const error = await call.catch(error => error);
    expect(error).toMatchObject({ code: 'not-found', storage: storage.id, objectName: 'absent' });
    expect(error.message).toContain('"absent"');
    expect(error.message).not.toContain(LOCATION.concat('/'));
  }
});

test('errors in the middle of a body and of a listing are so, too', async () => {
  const { memory } = fixture();
  await memory.save('tenants/7/a', 'some text');
  const broken = (call: { readonly name: string }): FieldFileError =>
    new FieldFileError('backend', `"${call.name}" broke.`, { storage: memory.id, name: call.name });
  const faulty = withFaults(memory.backend, [
    { on: 'read', fault: halfWay(2, broken) },
    { on: 'list', fault: before(broken) },
  ]);
  const storage = new Storage(withPrefix(faulty, LOCATION));
  const reading = (await storage.open('a')).text();
  await expect(reading).rejects.toMatchObject({
    message: '"a" broke.',
    storage: storage.id,
    objectName: 'a',
  });
  await expect(everythingOf(storage)).rejects.toMatchObject({ code: 'backend', storage: storage.id });
});

test('errors keep what they know', async () => {
  const cause = new Error('EACCES');
  const failure = { operation: 'info', name: 'tenants/7/a', retryable: true, cause };
  const storage = around(
    {
      id: 'm',
      info: () =>
        Promise.reject(
          new FieldFileError('throttled', 'No.', { ...failure, storage: 'm', applied: 'unknown' }),
        ),
    },
    { baseDelayMs: 0 },
  );
  const error = {
    code: 'throttled',
    operation: 'info',
    objectName: 'a',
    retryable: true,
    applied: 'unknown',
    cause,
  };
  await expect(storage.info('a')).rejects.toMatchObject(error);
});

test('errors of contents and callers are not touched', async () => {
  const { storage, memory } = fixture();
  const raw = new Error('mine');
  const elsewhere = new FieldFileError('backend', 'reset', {
    storage: 'elsewhere',
    name: 'tenants/7/x',
    operation: 'read',
  });
  async function* failing(error: unknown): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(1);
    throw error;
  }
  for (const error of [raw, elsewhere]) {
    await expect(storage.save('a', failing(error) as Content)).rejects.toBe(error);
    await expect(storage.save('a', 'x', { onCandidate: () => Promise.reject(error) })).rejects.toBe(error);
  }
  expect(elsewhere.objectName).toBe('tenants/7/x');
  expect(await everythingOf(memory)).toEqual([]);
});

test('a lost answer is resolved through the prefix', async () => {
  const { memory } = fixture();
  const faulty = withFaults(memory.backend, [{ on: 'create', nth: 1, fault: lostAnswer() }]);
  expect(await new Storage(withPrefix(faulty, LOCATION)).save('a', 'x')).toBe('a');
  expect(await everythingOf(memory)).toEqual(['tenants/7/a']);
});

test('optional methods are there only where the backend has them, with its keys', async () => {
  const urls = { publicUrl: undefined, signUrl: undefined, signUpload: undefined };
  const bare: Backend = Object.assign(new MemoryStorage().backend, urls);
  const plain = withPrefix(bare, LOCATION);
  for (const method of [
    'findWrite',
    'settle',
    'removeMany',
    'close',
    'publicUrl',
    'signUrl',
    'signUpload',
    'localPath',
  ])
    expect(plain).not.toHaveProperty(method);
  const without = withPrefix(Object.assign(new MemoryStorage().backend, { copy: undefined }), LOCATION);
  expect(without).not.toHaveProperty('copy');

  const given: unknown[] = [];
  const note =
    <T>(answer: T) =>
    async (...all: unknown[]): Promise<T> => {
      given.push(all[0]);
      return answer;
    };
  const denied = throttled({ operation: 'removeMany', name: 'tenants/7/b', given: [] });
  const backend = withPrefix(
    Object.assign(new MemoryStorage().backend, {
      cannot: [],
      findWrite: note({ name: 'tenants/7/a' } as ObjectInfo),
      settle: note(undefined),
      removeMany: note(new Map([['tenants/7/b' as ObjectName, denied]])),
      close: note(undefined),
      publicUrl: (key: string) => `public:${key}`,
      signUrl: async (key: string) => `signed:${key}`,
      signUpload: note({
        method: 'PUT' as const,
        url: 'x',
        headers: {},
        enforced: new Set(['name'] as const),
      }),
      localPath: (key: string) => `/srv/${key}`,
    }),
    LOCATION,
  );
  const name = 'a' as ObjectName;
  expect(await backend.findWrite?.(name, newWriteId())).toEqual({ name: 'a' });
  await backend.settle?.(name, newWriteId());
  expect([...((await backend.removeMany?.([name])) ?? [])]).toEqual([['b', denied]]);
  await backend.close?.();
  expect(backend.publicUrl(name)).toBe('public:tenants/7/a');
  expect(await backend.signUrl(name)).toBe('signed:tenants/7/a');
  expect(backend.localPath(name)).toBe('/srv/tenants/7/a');
  await backend.signUpload(name);
  expect(given).toEqual(['tenants/7/a', 'tenants/7/a', ['tenants/7/a'], undefined, 'tenants/7/a']);

  const storage: Storage = new Storage<Backend>(backend);
  for (const can of [canPublishUrls, canSignUrls, canSignUploads, canGivePaths])
    expect(can(storage)).toBe(true);
  expectTypeOf(backend.publicUrl).toBeFunction();
  // @ts-expect-error what publishes nothing publishes nothing below a prefix
  expect(plain.publicUrl).toBeUndefined();
});

test('an error of a synchronous method is translated as well', () => {
  const refusing = Object.assign(new MemoryStorage({ id: 'm' }).backend, {
    publicUrl: (key: string): string => {
      throw new FieldFileError('unsupported', `"${key}" has no address on "m".`, { storage: 'm', name: key });
    },
  });
  expect(() => withPrefix(refusing, LOCATION).publicUrl('a' as ObjectName)).toThrow(
    expect.objectContaining({
      message: '"a" has no address on "m/tenants/7".',
      storage: 'm/tenants/7',
      objectName: 'a',
    }),
  );
});

test('parts that are frozen are written below the prefix, too', async () => {
  const { parts } = new MemoryStorage().backend;
  const [begin, writePart] = [parts.begin.bind(parts), parts.writePart.bind(parts)];
  const written = storageParts(around({ parts: Object.freeze({ limits: parts.limits, begin, writePart }) }));
  const write = await written?.begin('a');
  expect(write && (await written?.writePart(write, { number: 1, offset: 0 }, 'x'))?.sizeBytes).toBe(1);
});

test('a refusal of the backend reaches the caller with its code', async () => {
  const { memory } = fixture();
  const faulty = withFaults(memory.backend, [{ on: 'remove', fault: before(refused) }]);
  await expect(new Storage(withPrefix(faulty, LOCATION)).delete('a')).rejects.toMatchObject({
    code: 'permission',
  });
});
