import { Storage, withPrefix } from '@fieldfile/storage';
import { type PartedWrite, type StoredPart, storageParts } from '@fieldfile/storage/parts';
import { FaultProxy, type SeenRequest } from '@fieldfile/test-servers/fault-proxy';
import { startGcsServer } from '@fieldfile/test-servers/gcs';
import { connect } from '@fieldfile/test-servers/gcs-client';
import { afterAll, afterEach, expect, test } from 'vitest';
import { GcsBackend } from './backend.ts';

const NAME = 'parted.txt';

const server = await startGcsServer({ buckets: ['media'], requireAuthorization: true });
const proxy = await FaultProxy.start(server.endpoint);
const client = await connect(server, server.accessToken, proxy.endpoint);
const bucket = (await connect(server)).bucket('media');
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await server.close();
});
afterEach(async () => {
  proxy.heal();
  await bucket.deleteFiles({ force: true });
});

const retry = { attempts: 1 };
const backend = new GcsBackend({ bucketName: 'media', client, retry });
const storage = new Storage(backend, { retry });

const parts = partsOf(storage);

function partsOf(one: Storage): NonNullable<ReturnType<typeof storageParts>> {
  const parts = storageParts(one);
  if (!parts) throw new Error('There are no parts.');
  return parts;
}

const all = async (): Promise<string[]> => (await bucket.getFiles())[0].map(({ name }) => name);

const removes = ({ method }: SeenRequest): boolean => method === 'DELETE';

async function begun(its = parts): Promise<{ write: PartedWrite; stored: StoredPart[] }> {
  const write = await its.begin(NAME, { metadata: { a: 'b' } });
  const one = await its.writePart(write, { number: 1, offset: 0 }, 'one');
  return { write, stored: [one, await its.writePart(write, { number: 2, offset: 3 }, 'two')] };
}

/** The object is made; its parts are still there, as when the process dies. */
async function halfComplete(its = parts): Promise<PartedWrite> {
  const { write, stored } = await begun(its);
  proxy.plan = request => (removes(request) ? { kind: 'status', status: 503 } : undefined);
  await expect(its.complete(write, stored)).rejects.toMatchObject({ code: 'throttled' });
  proxy.heal();
  expect(await all()).toHaveLength(3);
  return write;
}

test('settled, a write whose complete did not come to its end has no parts any more', async () => {
  const write = await halfComplete();
  await parts.settle(write);
  expect(await all()).toEqual([NAME]);
  await using opened = await storage.open(NAME);
  expect(await opened.text()).toBe('onetwo');
  expect(opened.info.metadata).toEqual({ a: 'b' });
  await parts.settle(write);
});

test('so has one below a prefix', async () => {
  const below = partsOf(new Storage(withPrefix(backend, 'tenants/7'), { retry }));
  await below.settle(await halfComplete(below));
  expect(await all()).toEqual([`tenants/7/${NAME}`]);
});

test('undone, it leaves neither object nor parts', async () => {
  const { writeId } = await halfComplete();
  expect(await storage.undo(NAME, writeId)).toBe('removed');
  expect(await all()).toEqual([]);
});

test('undone but for its object, it leaves no parts', async () => {
  const { writeId } = await halfComplete();
  expect(await storage.undo(NAME, writeId, { keepObject: true })).toBe('foreign');
  expect(await all()).toEqual([NAME]);
});

test('undone but for its object, a write that goes on keeps its parts', async () => {
  const { write, stored } = await begun();
  await storage.undo(NAME, write.writeId, { keepObject: true });
  expect((await parts.complete(write, stored)).sizeBytes).toBe(6);
});

test('undone when another object has its name, it leaves no parts', async () => {
  const { write } = await begun();
  await storage.replace(NAME, 'on purpose');
  expect(await storage.undo(NAME, write.writeId)).toBe('foreign');
  expect(await all()).toEqual([NAME]);
});

test('undone again, it takes what came in between', async () => {
  const { write } = await begun();
  await storage.undo(NAME, write.writeId);
  await bucket.file(`.fieldfile/${write.writeId}/1-late`).save('late', { resumable: false });
  expect(await storage.undo(NAME, write.writeId)).toBe('absent');
  expect(await all()).toEqual([]);
});

test('what was composed while the write was undone goes when complete learns of it', async () => {
  const { write, stored } = await begun();
  await storage.undo(NAME, write.writeId);
  await bucket.file(`.fieldfile/${write.writeId}/c-late`).save('onetwo', { resumable: false });
  await expect(parts.complete(write, stored)).rejects.toMatchObject({ code: 'conflict' });
  expect(await all()).toEqual([]);
});

test('parts that make another length than was stored go with the object', async () => {
  const { write, stored } = await begun();
  const wrong = stored.map(part => ({ ...part, sizeBytes: 7 }));
  await expect(parts.complete(write, wrong)).rejects.toMatchObject({ code: 'integrity' });
  expect(await all()).toEqual([]);
});

test('a copy is no write in parts, and the metadata of either shows no mark', async () => {
  const { write, stored } = await begun();
  await parts.complete(write, stored);
  await storage.copy(NAME, 'copy.txt');
  for (const name of [NAME, 'copy.txt']) expect((await storage.info(name)).metadata).toEqual({ a: 'b' });
  const [{ metadata }] = await bucket.file('copy.txt').getMetadata();
  expect(metadata).not.toHaveProperty('fieldfile-parts');
});

test('only a write in parts is asked for parts when it is undone', async () => {
  const asked: string[] = [];
  proxy.plan = ({ method, path }) => {
    asked.push(`${method} ${path.split('/o')[1] === '' ? 'listing' : 'object'}`);
    return undefined;
  };
  const { writeId } = await storage.create(NAME, 'small');
  asked.length = 0;
  await storage.settle(NAME, writeId);
  expect(asked).toEqual([]);
  await storage.undo(NAME, writeId);
  expect(asked).toEqual(['GET object', 'DELETE object']);
});
