import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStorage } from '@fieldfile/memory';
import { Upload } from 'tus-js-client';
import { afterAll, describe, expect, test } from 'vitest';
import { type TusWorld, tusSite, tusWorld } from './tus-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'fieldfile-tus-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each([['memory', () => new MemoryStorage()]] as const)('tus-js-client on %s', (_, make) => {
  test('uploads a file, a row gets it, and nothing else is left', async () => {
    const world = tusWorld(make(), folder);
    await using site = await tusSite(world.handler());
    const bytes = randomBytes(3_000_000);
    const token = await uploaded(bytes, { endpoint: `${site.origin}/uploads/` });
    await expectKept(world, token, bytes);
  });
});

/** @returns the upload's token. */
function uploaded(
  bytes: Buffer,
  options: Partial<ConstructorParameters<typeof Upload>[1]>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(bytes, {
      metadata: { filename: 'größe.bin', filetype: 'application/octet-stream' },
      retryDelays: [0, 0, 10, 50, 100],
      ...options,
      onError: reject,
      onSuccess: () => resolve(upload.url?.split('/').at(-1) ?? ''),
    });
    upload.start();
  });
}

async function expectKept(world: TusWorld, token: string, bytes: Buffer): Promise<void> {
  const { file } = await world.keep(token);
  await using opened = await world.field.storage.open(file ?? '');
  expect(Buffer.from(await opened.bytes()).equals(bytes)).toBe(true);
  expect(opened.info.contentType).toBe('application/octet-stream');
  expect(await world.names()).toEqual([file]);
  expect(await world.journal.entries()).toEqual([]);
}
