import { defineFiles, type Inspector, model } from '@fieldfile/core';
import { clamd } from '@fieldfile/core/node';
import { MemoryStorage } from '@fieldfile/memory';
import { type ClamdServer, EICAR, hasClamd, startClamd } from '@fieldfile/test-servers/clamd';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

interface Row {
  id: number;
  scan: string | null;
}

function fieldWith(inspect: Inspector) {
  const storage = new MemoryStorage();
  return { storage, field: defineFiles(model<Row>()('scanned', 'id'), { scan: { storage, inspect } }).scan };
}

const save = (inspect: Inspector, content: string | AsyncIterable<Uint8Array>) => {
  const { storage, field } = fieldWith(inspect);
  const row: Row = { id: 1, scan: null };
  return field
    .of(row)
    .save(content, { name: 'a.bin' })
    .then(() => storage.exists('a.bin'));
};

const isHere = hasClamd();
if (!isHere) console.warn('clamd is not installed (clamav-daemon): its tests are left out.');

describe.runIf(isHere)('clamd', () => {
  let socketPath: string;
  let silent: string;
  const servers: ClamdServer[] = [];

  beforeAll(async () => {
    servers.push(await startClamd(), await startClamd({ AlertExceedsMax: 'no' }));
    [socketPath = '', silent = ''] = servers.map(server => server.socketPath);
  });
  afterAll(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
  });

  test('passes what is clean, whole and in pieces', async () => {
    const inspect = clamd({ socketPath });
    expect(await save(inspect, 'clean')).toBe(true);
    expect(await save(inspect, zeros(5_000_000))).toBe(true);
    expect(await save(inspect, '')).toBe(true);
  });

  test('refuses what it finds, and what is beyond its limits', async () => {
    const inspect = clamd({ socketPath });
    await expect(save(inspect, EICAR)).rejects.toMatchObject({
      code: 'not-accepted',
      message: expect.stringContaining('ClamAV found Test.File'),
    });
    await expect(save(inspect, zeros(12_000_000))).rejects.toMatchObject({ code: 'not-accepted' });
    await expect(save(clamd({ socketPath, maxBytes: 10 }), '12345678901')).rejects.toMatchObject({
      code: 'too-large',
    });
  });

  test('stores nothing where it takes less than was said', async () => {
    const refused = save(clamd({ socketPath, maxBytes: 1e9 }), zeros(40_000_000));
    await expect(refused).rejects.toMatchObject({ code: 'not-inspected' });
  });

  test('is not believed while it passes what it has not looked at', async () => {
    const inspect = clamd({ socketPath: silent });
    for (const _ of [1, 2])
      await expect(save(inspect, 'clean')).rejects.toMatchObject({
        code: 'not-inspected',
        cause: { message: expect.stringContaining('AlertExceedsMax yes') },
      });
  });
});

test('a clamd that is down stores nothing', async () => {
  const refused = save(clamd({ socketPath: '/nowhere/clamd.sock' }), 'x');
  await expect(refused).rejects.toMatchObject({ code: 'not-inspected', cause: { code: 'ENOENT' } });
});

test.each([{}, { socketPath: '/x', port: 1 }, { sockePath: '/x' }])('%o is no place', options => {
  expect(() => clamd(options)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
});

async function* zeros(sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let left = sizeBytes; left > 0; left -= 100_000) yield new Uint8Array(Math.min(left, 100_000));
}
