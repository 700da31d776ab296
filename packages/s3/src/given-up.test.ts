import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { StorageUnderTest } from '@fieldfile/conformance/storage';
import { load } from '@fieldfile/test-servers/load';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownPlace } from '../test/place.ts';
import { subject } from '../test/subject.ts';
import { MEBIBYTE } from './options.ts';

const TIMES = load({ test: 100, ci: 1000, deep: 1000 });
const CHUNK = new Uint8Array(MEBIBYTE).fill(7);

let under: StorageUnderTest;
beforeAll(async () => {
  under = await subject(await ownPlace(), { partSizeBytes: 5 * MEBIBYTE, queueSize: 2 });
});
afterAll(() => under.dispose?.());

/** After how many chunks an upload is given up: at once, in the first part; more rarely with a name held and with parts under way. */
const STAGES = [0, 1, 2, 3, 6, 0, 1, 2, 3, 11];

test(`${TIMES} uploads aborted at every stage leave no object, upload, part, socket or listener`, async () => {
  const shared = new AbortController();
  for (let upload = 0; upload < TIMES; upload++) {
    const own = new AbortController();
    const stage = STAGES[upload % STAGES.length] ?? 0;
    async function* content(): AsyncGenerator<Uint8Array> {
      for (let chunk = 0; ; chunk++) {
        if (chunk === stage) own.abort();
        yield CHUNK;
      }
    }
    const signal = AbortSignal.any([own.signal, shared.signal]);
    const saving = under.storage.save('a.bin', content(), { signal });
    await expect(saving).rejects.toMatchObject({ code: 'aborted', applied: false });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  }
  expect(await Array.fromAsync(under.storage.list())).toEqual([]);
  expect(await under.residue?.()).toEqual([]);
  expect(await under.sockets?.()).toBe(0);
});

test(`${TIMES} downloads given up in every way leave no socket and no listener`, async () => {
  await under.storage.save('a.bin', CHUNK);
  const { signal } = new AbortController();
  for (let download = 0; download < TIMES; download++) {
    await using opened = await under.storage.open('a.bin', { signal });
    // Unread, cancelled, left in the middle of a loop or of a read.
    if (download % 4 === 1) await opened.stream.cancel();
    if (download % 4 === 2) for await (const _ of opened.stream) break;
    if (download % 4 === 3) await opened.stream.getReader().read();
  }
  await setImmediate();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(await under.sockets?.()).toBe(0);
});
