import { isFieldFileError, Storage } from '@fieldfile/storage';
import { type Fault, FaultProxy, mutates } from '@fieldfile/test-servers/fault-proxy';
import { startGcsServer } from '@fieldfile/test-servers/gcs';
import { connect } from '@fieldfile/test-servers/gcs-client';
import { afterAll, expect, test } from 'vitest';
import { GcsBackend } from './backend.ts';

const PART_BYTES = 256 * 1024;
const BYTES = new Uint8Array(2.5 * PART_BYTES).fill(7);

const server = await startGcsServer({ buckets: ['media'], requireAuthorization: true });
const proxy = await FaultProxy.start(server.endpoint);
const client = await connect(server, server.accessToken, proxy.endpoint);
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await server.close();
});

const retry = { baseDelayMs: 0 };
const storage = new Storage(
  new GcsBackend({ bucketName: 'media', client, blobChunkSize: PART_BYTES, timeoutMs: 300, retry }),
  { retry },
);

async function* stream(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < BYTES.length; at += 100_000) yield BYTES.subarray(at, at + 100_000);
}

async function names(): Promise<string[]> {
  const listed: string[] = [];
  for await (const { name } of storage.list()) listed.push(name);
  return listed;
}

/** What an operation leaves when it succeeds, and what may be there when it does not. */
const EVERY: Record<string, { act: () => Promise<unknown>; done: string[]; undone: string[] }> = {
  'save of bytes': { act: () => storage.save('new', 'x'), done: ['new', 'old'], undone: ['old'] },
  'save of large bytes': { act: () => storage.save('new', BYTES), done: ['new', 'old'], undone: ['old'] },
  'save of a stream': { act: () => storage.save('new', stream()), done: ['new', 'old'], undone: ['old'] },
  'replace by bytes': { act: () => storage.replace('old', 'x'), done: ['old'], undone: ['old'] },
  'replace by a stream': { act: () => storage.replace('old', stream()), done: ['old'], undone: ['old'] },
  copy: { act: () => storage.copy('old', 'new'), done: ['new', 'old'], undone: ['old'] },
  delete: { act: () => storage.delete('old'), done: [], undone: ['old'] },
  'a save that fails half-way': {
    act: () => storage.save('new', failing()),
    done: ['old'],
    undone: ['old'],
  },
};

async function* failing(): AsyncGenerator<Uint8Array> {
  yield* stream();
  throw new Error('the stream broke');
}

const FAULTS: Fault[] = [{ kind: 'lost-answer' }, { kind: 'no-answer' }, { kind: 'status', status: 503 }];

for (const fault of FAULTS)
  for (const [operation, { act, done, undone }] of Object.entries(EVERY))
    test(`${operation}: ${fault.kind} to each of its requests in turn: done once, or undone with an error`, async () => {
      for (let nth = 1; ; nth++) {
        await storage.save('old', 'old');
        proxy.once(mutates, fault, nth);
        const outcome = await act().then(
          () => 'done',
          (error: unknown) => error,
        );
        const { struck } = proxy;
        proxy.heal();
        const applied = isFieldFileError(outcome) ? outcome.applied : outcome === 'done';
        const expected = applied === true ? [done] : applied === false ? [undone] : [done, undone];
        expect(expected, `request ${nth}: ${outcome}`).toContainEqual(await names());
        for (const name of await names()) await storage.delete(name);
        if (struck === 0) return;
      }
    });
