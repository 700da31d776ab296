import { createHash, randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { intercept, refused } from '@fieldfile/conformance';
import { MemoryStorage } from '@fieldfile/memory';
import { type Backend, Storage } from '@fieldfile/storage';
import type { PartedWrites, WritesParts } from '@fieldfile/storage/backend';
import { load } from '@fieldfile/test-servers/load';
import { afterAll, expect, test } from 'vitest';
import { type TusWorld, tusWorld } from './tus-world.ts';

const UPLOADS = load({ test: 40, ci: 100, deep: 1000 });
const PART = 1000;

const folder = mkdtempSync(join(tmpdir(), 'fieldfile-tus-small-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** As that of a service that takes a part whole, of a thousand bytes. */
function withSmallParts<B extends Backend & WritesParts>(backend: B): B {
  const limits = { minPartBytes: PART, maxPartBytes: PART, maxParts: 10_000 };
  const parts = new Proxy<PartedWrites>(backend.parts, {
    get: (target, property) => (property === 'limits' ? limits : bound(target, property)),
  });
  return new Proxy(backend, {
    get: (target, property) => (property === 'parts' ? parts : bound(target, property)),
  });
}

function bound(target: object, property: PropertyKey): unknown {
  const value: unknown = Reflect.get(target, property, target);
  return typeof value === 'function' ? value.bind(target) : value;
}

/** Others come first, a few times. */
async function turns(): Promise<void> {
  for (let left = randomInt(8); left > 0; left--) await new Promise(resolve => setImmediate(resolve));
}

/** Bytes in chunks of any length, which end early now and then. */
function bodyOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  const breaksAt = randomInt(3) === 0 ? randomInt(bytes.byteLength) : Number.POSITIVE_INFINITY;
  return new ReadableStream({
    async pull(controller) {
      await turns();
      if (at >= breaksAt) return controller.error(new Error('the client left'));
      const chunk = bytes.subarray(at, at + 1 + randomInt(5000));
      at += chunk.byteLength;
      if (chunk.byteLength > 0) controller.enqueue(chunk);
      else controller.close();
    },
  });
}

function asking(
  world: TusWorld,
): (method: string, url: string, headers?: Record<string, string>, body?: BodyInit) => Promise<Response> {
  const handle = world.handler();
  return (method, url, headers = {}, body) =>
    handle(
      new Request(new URL(url, 'http://localhost'), {
        method,
        headers: { 'tus-resumable': '1.0.0', ...headers },
        ...(body ? { body, duplex: 'half' } : {}),
      }),
    );
}

test('an upload is whole whatever fails meanwhile, and no number is used for two parts', async () => {
  for (let upload = 0; upload < UPLOADS; upload++) {
    const numbers: number[] = [];
    const faulty = intercept(withSmallParts(new MemoryStorage().backend), {
      async call(call, proceed) {
        const isPart = call.operation === 'writePart';
        if (isPart) numbers.push((call.given[1] as { readonly number: number }).number);
        await turns();
        const how = isPart || call.operation === 'replace' ? randomInt(150) : -1;
        if (how === 0) throw refused(call);
        const result = await proceed();
        if (how === 1) throw refused(call); // it was done
        await turns();
        return result;
      },
      list: (_, proceed) => proceed(),
    });
    const storage = new Storage(faulty, { retry: { attempts: 1 } });
    const world = tusWorld(storage, join(folder, `journal-${upload}`));
    const ask = asking(world);
    const bytes = randomBytes(1 + randomInt(100 * PART));
    const begun = await ask('POST', '/uploads/', { 'upload-length': String(bytes.byteLength) });
    const url = begun.headers.get('location') ?? '';
    for (let offset = 0; offset < bytes.byteLength; ) {
      const rest = bytes.subarray(offset);
      const type = { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) };
      const checksum = `sha1 ${createHash('sha1').update(rest).digest('base64')}`;
      const checked = randomInt(3) === 0 ? { 'upload-checksum': checksum } : {};
      const patch = (): Promise<Response> => ask('PATCH', url, { ...type, ...checked }, bodyOf(rest));
      await Promise.all(Array.from({ length: 1 + randomInt(2) }, patch));
      const head = await ask('HEAD', url);
      const now = Number(head.headers.get('upload-offset') ?? offset);
      expect(now).toBeGreaterThanOrEqual(offset);
      offset = now;
    }
    const { file } = await world.keep(url.split('/').at(-1) ?? '');
    await using opened = await storage.open(file ?? '');
    expect(Buffer.from(await opened.bytes()).equals(bytes)).toBe(true);
    expect(new Set(numbers).size).toBe(numbers.length);
  }
});

test('two requests at once find an upload whole of which only the last part was missing', async () => {
  let fails = true;
  const storage = new Storage(
    intercept(withSmallParts(new MemoryStorage().backend), {
      call(call, proceed) {
        if (call.operation === 'writePart' && fails) throw refused(call);
        return proceed();
      },
      list: (_, proceed) => proceed(),
    }),
  );
  const world = tusWorld(storage, join(folder, 'journal-last'));
  const ask = asking(world);
  const bytes = randomBytes(PART - 1);
  const url = (await ask('POST', '/uploads/', { 'upload-defer-length': '1' })).headers.get('location') ?? '';
  const append = (headers: Record<string, string>, body?: BodyInit): Promise<Response> =>
    ask('PATCH', url, { 'content-type': 'application/offset+octet-stream', ...headers }, body);
  const length = String(bytes.byteLength);
  expect((await append({ 'upload-offset': '0' }, bytes)).status).toBe(204);
  expect((await append({ 'upload-offset': length, 'upload-length': length })).status).toBe(403);
  fails = false;
  for (const { status, headers } of await Promise.all([ask('HEAD', url), ask('HEAD', url)]))
    expect([status, headers.get('upload-offset')]).toEqual([200, length]);
  const { file } = await world.keep(url.split('/').at(-1) ?? '');
  await using opened = await storage.open(file ?? '');
  expect(Buffer.from(await opened.bytes()).equals(bytes)).toBe(true);
});
