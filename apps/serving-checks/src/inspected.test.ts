import { setImmediate as nextTurn } from 'node:timers/promises';
import { defineFiles, model } from '@fieldfile/core';
import { clamd } from '@fieldfile/core/node';
import { toNodeHandler } from '@fieldfile/http/node';
import { uploads } from '@fieldfile/http/receive';
import type { Storage } from '@fieldfile/storage';
import { type ClamdServer, EICAR, hasClamd, startClamd } from '@fieldfile/test-servers/clamd';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exchange } from './receiving/exchange.ts';
import { file, form, request } from './receiving/form.ts';
import { listen } from './servers/listen.ts';
import { storages } from './servers/storages.ts';

interface Row {
  id: number;
  scan: string | null;
}

const isHere = hasClamd();
if (!isHere) console.warn('clamd is not installed (clamav-daemon): its tests are left out.');

/** More than any storage keeps back before it is asked for a name. */
const LONG = 'x'.repeat(9_000_000);

describe.runIf(isHere)('uploads that clamd looks at', () => {
  let server: ClamdServer;
  beforeAll(async () => {
    server = await startClamd({ MaxFileSize: '20M' });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test.each(Object.entries(storages))('to %s: a virus is refused and never seen', async (_, start) => {
    await using place = await start();
    const { storage } = place;
    const { scan } = defineFiles(model<Row>()('scanned', 'id'), {
      scan: { storage, inspect: clamd({ socketPath: server.socketPath }) },
    });
    await using site = await listen(
      toNodeHandler(
        uploads({
          authorize: () => true,
          fields: { scans: [scan] },
          handle: ({ scans }) => new Response(scans.map(({ staged }) => staged.sizeBytes).join()),
        }),
      ),
    );
    const send = (...contents: string[]) =>
      exchange(site.port, [request(form(...contents.map(content => file('scans', 'a.bin', content))))]);
    expect(await send('clean', LONG)).toMatchObject({ status: 200 });
    const seen = new Set<string>();
    let isOver = false;
    const watch = async (): Promise<void> => {
      while (!isOver) {
        for (const name of await infected(storage)) seen.add(name);
        await nextTurn(); // memory answers in the same one
      }
    };
    const watching = watch();
    for (const contents of [[EICAR], [EICAR, 'clean'], ['clean', EICAR]])
      expect(await send(...contents)).toMatchObject({ status: 415, code: 'not-accepted' });
    isOver = true;
    await watching;
    expect([...seen]).toEqual([]);
    expect(await Array.fromAsync(storage.list())).toEqual([]);
    await storage.save('plain.bin', EICAR);
    expect(await infected(storage)).toEqual(['plain.bin']); // so the watcher would have seen it
  });
});

/** Names of objects that are the virus. */
async function infected(storage: Storage): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of storage.list()) {
    const text = await storage.open(name).then(
      opened => opened.text(),
      () => '', // it is gone
    );
    if (text === EICAR) found.push(name);
  }
  return found;
}
