import { once } from 'node:events';
import { readdir, rm, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { load } from '@fieldfile/test-servers/load';
import { memoryOf } from '@fieldfile/test-servers/process-memory';
import { expect } from 'vitest';
import type { RunningExample } from './run-example.ts';

const MEBIBYTE = 1024 ** 2;
const SIZE = load({ test: 100, ci: 300, deep: 300 }) * MEBIBYTE;
const MOST_GROWTH = 64 * MEBIBYTE;

const BOUNDARY = 'boundary-of-an-example';
const BEFORE = Buffer.from(
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="title"\r\n\r\nThe film\r\n` +
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="größe.bin"\r\n\r\n`,
);
const AFTER = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

/** Sends a form with a file of so many bytes, and, where it is less, only the first of them. */
async function send(port: number, sizeBytes: number, sentBytes = sizeBytes): Promise<Answer> {
  const sending = request({
    ...{ host: '127.0.0.1', port, path: '/uploads', method: 'POST', agent: false },
    headers: {
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      'content-length': BEFORE.byteLength + sizeBytes + AFTER.byteLength,
      'sec-fetch-site': 'same-origin',
    },
  });
  const answered = once(sending, 'response');
  answered.catch(() => {}); // awaited below
  sending.write(BEFORE);
  for (let left = sentBytes; left > 0; left -= MEBIBYTE)
    if (!sending.write(Buffer.alloc(Math.min(left, MEBIBYTE), 'x'))) await once(sending, 'drain');
  if (sentBytes < sizeBytes) {
    sending.destroy();
    return { status: undefined, text: '' };
  }
  sending.end(AFTER);
  const [response] = await answered;
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text };
}

/** What an application must get through every framework. */
export async function takesUploads({ port, pid, folder }: RunningExample): Promise<void> {
  await rm(join(folder, 'media'), { recursive: true, force: true });
  const small = await send(port, 5 * MEBIBYTE);
  expect(small).toMatchObject({ status: 201, text: expect.stringContaining('"title":"The film"') });
  const before = await memoryOf(pid);
  const large = await send(port, SIZE);
  expect(large.status).toBe(201);
  const { most } = await memoryOf(pid);
  const name = JSON.parse(large.text).file;
  expect((await stat(join(folder, 'media', name))).size).toBe(SIZE);
  console.info(`${Math.round((most - before.now) / MEBIBYTE)} MiB more`);
  expect(most - before.now).toBeLessThan(MOST_GROWTH);
  const files = await uploaded(folder);
  await send(port, 20 * MEBIBYTE, 7 * MEBIBYTE);
  // What was left in the middle is taken back; nothing of it is ever seen.
  await expect.poll(() => uploaded(folder)).toEqual(files);
  const wrong = await fetch(`http://127.0.0.1:${port}/uploads`, { method: 'POST', body: 'x' });
  expect([wrong.status, (await wrong.json()).code]).toEqual([415, 'not-accepted']);
  const foreign = await fetch(`http://127.0.0.1:${port}/uploads`, {
    method: 'POST',
    body: new FormData(),
    headers: { origin: 'https://evil.example' },
  });
  expect([foreign.status, (await foreign.json()).code]).toEqual([403, 'cross-origin']);
}

/** Also what is half written. */
async function uploaded(folder: string): Promise<string[]> {
  const found = await readdir(join(folder, 'media'), { recursive: true, withFileTypes: true });
  return found
    .filter(one => one.isFile() && one.parentPath.endsWith('uploads'))
    .map(({ name }) => name)
    .sort();
}
