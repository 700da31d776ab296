import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BackendCall, intercept, refused } from '@fieldfile/conformance';
import { S3Storage } from '@fieldfile/s3';
import { Storage } from '@fieldfile/storage';
import { startS3Server } from '@fieldfile/test-servers/s3';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { TusWorld } from './tus-world.ts';

const MEBIBYTE = 1024 ** 2;
const PART = 5 * MEBIBYTE;
/** Six parts, and a bit. */
const BYTES = randomBytes(6 * PART + 1000);

const WAIT = { timeout: 20_000 };

const folder = mkdtempSync(join(tmpdir(), 'fieldfile-tus-parts-'));
const server = await startS3Server({ buckets: ['media'] });
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

let s3: S3Storage;
let journal = '';
let count = 0;
beforeEach(() => {
  journal = join(folder, `journal-${count}`);
  s3 = new S3Storage({
    ...{ bucketName: 'media', regionName: server.region, endpointUrl: server.endpoint },
    ...{ accessKey: server.accessKeyId, secretKey: server.secretAccessKey, location: `${count++}` },
  });
});
afterEach(() => s3[Symbol.asyncDispose]());

/** What is done in place of a call; without an answer, the call itself. */
type Step = (call: BackendCall) => Promise<void> | undefined;

interface Replica {
  ask(method: string, url: string, headers?: Record<string, string>, body?: BodyInit): Promise<Response>;
  readonly world: TusWorld;
}

/** A server of uploads. Each has modules of its own, as another process has: it does not know of what others are at. */
async function replica(step: Step = () => undefined): Promise<Replica> {
  vi.resetModules();
  const modules: typeof import('./tus-world.ts') = await import('./tus-world.ts');
  const backend = intercept(s3.backend, {
    async call(call, proceed) {
      await step(call);
      return proceed();
    },
    list: (_, proceed) => proceed(),
  });
  const world = modules.tusWorld(new Storage(backend), journal);
  const handle = world.handler();
  return {
    world,
    ask: (method, url, headers = {}, body) =>
      handle(
        new Request(new URL(url, 'http://localhost'), {
          method,
          headers: { 'tus-resumable': '1.0.0', ...headers },
          ...(body ? { body, duplex: 'half' } : {}),
        }),
      ),
  };
}

async function begun({ ask }: Replica): Promise<string> {
  const { headers } = await ask('POST', '/uploads/', { 'upload-length': String(BYTES.byteLength) });
  return headers.get('location') ?? '';
}

const append = (
  { ask }: Replica,
  url: string,
  offset = 0,
  headers: Record<string, string> = {},
): Promise<Response> => {
  const type = { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) };
  return ask('PATCH', url, { ...type, ...headers }, BYTES.subarray(offset));
};

const offsetOf = async ({ ask }: Replica, url: string): Promise<number> =>
  Number((await ask('HEAD', url)).headers.get('upload-offset'));

async function contentOf(name: string): Promise<Buffer> {
  await using opened = await s3.open(name);
  return Buffer.from(await opened.bytes());
}

async function expectWhole({ world }: Replica, url: string): Promise<void> {
  const { file } = await world.keep(url.split('/').at(-1) ?? '');
  expect((await contentOf(file ?? '')).equals(BYTES)).toBe(true);
}

/** The number of a part that is about to be written. */
const numberOf = ({ operation, given }: BackendCall): number | undefined =>
  operation === 'writePart' ? (given[1] as { readonly number: number }).number : undefined;

/** Keeps the numbers of all parts that are written. */
const noting =
  (numbers: number[]) =>
  (call: BackendCall): undefined => {
    const number = numberOf(call);
    if (number !== undefined) numbers.push(number);
  };

interface Written {
  readonly version: number;
  readonly offset: number;
  readonly nextPart: number;
}

/** What is written down of the one upload that is under way. */
async function written({ world }: Replica): Promise<{ readonly name: string; readonly line: Written }> {
  const [name = ''] = (await world.names()).filter(name => name.startsWith('fieldfile-'));
  return { name, line: JSON.parse((await contentOf(name)).toString('latin1').split('\n')[0] ?? '') };
}

test('several parts are on their way at once, and only those without a gap before them are written down', async () => {
  const numbers: number[] = [];
  const first = Promise.withResolvers<void>();
  const one = await replica(call => {
    const number = numberOf(call);
    if (number !== undefined) numbers.push(number);
    return number === 1 ? first.promise : undefined;
  });
  const url = await begun(one);
  const appended = append(one, url);
  await vi.waitFor(() => expect(numbers).toEqual([1, 2, 3, 4]), WAIT);
  const { line } = await written(one);
  expect(line).toMatchObject({ version: 1, offset: 0 });
  expect(line.nextPart).toBeGreaterThanOrEqual(4);
  first.resolve();
  expect((await appended).status).toBe(204);
  await expectWhole(one, url);
});

test('while it is written down how far an upload is, its next parts are sent', async () => {
  const numbers: number[] = [];
  const writing = Promise.withResolvers<void>();
  const sentMeanwhile = Promise.withResolvers<void>();
  let replaced = 0;
  const one = await replica(call => {
    const number = numberOf(call);
    if (number !== undefined) numbers.push(number);
    if (number === 3) return writing.promise;
    if (number === 7) sentMeanwhile.resolve();
    if (call.operation !== 'replace' || ++replaced !== 2) return undefined;
    writing.resolve();
    return sentMeanwhile.promise;
  });
  const url = await begun(one);
  expect((await append(one, url)).status).toBe(204);
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7]);
  await expectWhole(one, url);
});

test('what is stored is written down although the client sends no more', async () => {
  const one = await replica();
  const url = await begun(one);
  const more = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(BYTES.subarray(0, 2 * PART));
      await more.promise;
      controller.enqueue(BYTES.subarray(2 * PART));
      controller.close();
    },
  });
  const type = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' };
  const appended = one.ask('PATCH', url, type, body);
  await vi.waitFor(async () => expect((await written(one)).line.offset).toBe(2 * PART), WAIT);
  more.resolve();
  expect((await appended).status).toBe(204);
  await expectWhole(one, url);
});

test('an upload that comes fast is written down a few times only', async () => {
  let replaced = 0;
  const one = await replica(call => {
    if (call.operation === 'replace') replaced++;
    return undefined;
  });
  const url = await begun(one);
  const started = performance.now();
  expect((await append(one, url)).status).toBe(204);
  // Begun, whole, done; and once in a second.
  expect(replaced).toBeLessThanOrEqual(3 + Math.floor((performance.now() - started) / 1000));
  await expectWhole(one, url);
});

test('a part that fails stops those after it, and those before it are kept', async () => {
  const thirdFailed = Promise.withResolvers<void>();
  const numbers: number[] = [];
  const one = await replica(call => {
    const number = numberOf(call);
    if (number === undefined) return undefined;
    numbers.push(number);
    if (number === 2) return thirdFailed.promise;
    if (number !== 3) return undefined;
    return Promise.reject(refused(call)).finally(() => thirdFailed.resolve());
  });
  const url = await begun(one);
  expect((await append(one, url)).status).toBe(403);
  const kept = await offsetOf(one, url);
  expect(kept).toBe(2 * PART);
  const [highest = 0] = numbers.splice(0).sort((a, b) => b - a);
  expect((await append(one, url, kept)).status).toBe(204);
  // What was sent in vain may still come.
  for (const number of numbers) expect(number).toBeGreaterThan(highest);
  await expectWhole(one, url);
});

test('when it cannot be written down how far an upload is, the request fails and the upload can be gone on with', async () => {
  let replaced = 0;
  const replacing = Promise.withResolvers<void>();
  const one = await replica(call => {
    if (numberOf(call) === 4) return replacing.promise;
    if (call.operation !== 'replace' || ++replaced !== 2) return undefined;
    return Promise.reject(refused(call)).finally(() => replacing.resolve());
  });
  const url = await begun(one);
  expect((await append(one, url)).status).toBe(403);
  expect(await offsetOf(one, url)).toBe(0);
  expect((await append(one, url)).status).toBe(204);
  await expectWhole(one, url);
});

test('memory is given back, however parts end', async () => {
  const one = await replica(call =>
    numberOf(call) === undefined ? undefined : Promise.reject(refused(call)),
  );
  const failing = await begun(one);
  // Each would keep all that there is for everybody.
  for (let attempt = 0; attempt < 12; attempt++) expect((await append(one, failing)).status).toBe(403);
});

test('who takes over uses numbers above all that may still come, and what comes is dropped', async () => {
  const held = Promise.withResolvers<void>();
  const numbers: number[] = [];
  const one = await replica(call => {
    const number = numberOf(call);
    if (number === undefined) return undefined;
    numbers.push(number);
    return held.promise;
  });
  const url = await begun(one);
  const late = append(one, url);
  await vi.waitFor(() => expect(numbers).toHaveLength(4), WAIT);
  const others: number[] = [];
  const other = await replica(call => {
    const number = numberOf(call);
    if (number !== undefined) others.push(number);
    return undefined;
  });
  // All but the end, so that what comes late finds the upload.
  const part = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' };
  expect((await other.ask('PATCH', url, part, BYTES.subarray(0, 6 * PART))).status).toBe(204);
  held.resolve();
  expect((await late).status).toBe(409);
  expect(Math.min(...others)).toBeGreaterThan(Math.max(...numbers));
  expect(await offsetOf(other, url)).toBe(6 * PART);
  expect((await append(other, url, 6 * PART)).status).toBe(204);
  await expectWhole(other, url);
});

test('with a checksum all parts are kept, or none', async () => {
  const numbers: number[] = [];
  const one = await replica(noting(numbers));
  const url = await begun(one);
  const checksum = (bytes: Uint8Array): Record<string, string> => ({
    'upload-checksum': `sha1 ${createHash('sha1').update(bytes).digest('base64')}`,
  });
  expect((await append(one, url, 0, checksum(BYTES.subarray(1)))).status).toBe(460);
  expect(await offsetOf(one, url)).toBe(0);
  const [highest = 0] = numbers.splice(0).sort((a, b) => b - a);
  expect((await append(one, url, 0, checksum(BYTES))).status).toBe(204);
  for (const number of numbers) expect(number).toBeGreaterThan(highest);
  await expectWhole(one, url);
});

test('what a former release has left is gone on with', async () => {
  const numbers: number[] = [];
  const one = await replica(noting(numbers));
  const url = await begun(one);
  const { name, line } = await written(one);
  // It died with part 1 on its way: that is the number it had written down.
  await s3.replace(name, `${JSON.stringify({ ...line, isHeld: true, nextPart: 1 })}\n`);
  expect((await append(one, url)).status).toBe(204);
  expect(numbers).toEqual([2, 3, 4, 5, 6, 7, 8]);
  await expectWhole(one, url);
});
