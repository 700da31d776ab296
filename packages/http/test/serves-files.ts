import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { FileSystemStorage } from '@fieldfile/fs';
import { expect } from 'vitest';
import type { RunningExample } from './run-example.ts';

const CONTENT = 'x'.repeat(100_000);

/** The files that an example serves, in the folder that it runs in. */
export async function saveFiles(folder: string): Promise<void> {
  await using storage = new FileSystemStorage({ root: join(folder, 'media') });
  await storage.save('2026/größe.txt', CONTENT);
  await storage.save('page.html', '<script>alert(1)</script>');
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

async function ask(port: number, path: string, headers = {}, method = 'GET'): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }).end();
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

/** What an application must get through every framework; Next takes the length away. */
export async function servesFiles(
  { port }: RunningExample,
  length: object = { 'content-length': '100000' },
): Promise<void> {
  const path = `/files/2026/${encodeURIComponent('größe.txt')}`;
  const whole = await ask(port, path);
  expect(whole).toMatchObject({ status: 200, text: CONTENT });
  expect(whole.headers).toMatchObject({
    'accept-ranges': 'bytes',
    ...length,
    'content-type': 'text/plain; charset=utf-8',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'x-content-type-options': 'nosniff',
  });
  const { etag } = whole.headers as { readonly etag: string };
  expect(await ask(port, path, {}, 'HEAD')).toMatchObject({
    status: 200,
    text: '',
    headers: { etag, ...length },
  });
  expect(await ask(port, path, { 'if-none-match': etag })).toMatchObject({ status: 304, text: '' });
  expect(await ask(port, path, { 'if-match': '"other"' })).toMatchObject({ status: 412 });
  const part = await ask(port, path, { range: 'bytes=-5' });
  expect(part).toMatchObject({ status: 206, text: 'xxxxx' });
  expect(part.headers['content-range']).toBe('bytes 99995-99999/100000');
  const parts = await ask(port, path, { range: 'bytes=0-1,5-6' });
  expect(parts.headers['content-type']).toMatch(/^multipart\/byteranges/);
  expect(await ask(port, path, { range: 'bytes=100000-' })).toMatchObject({ status: 416 });
  const page = await ask(port, '/files/page.html');
  expect(page.headers['content-disposition']).toBe('attachment; filename="page.html"');
  expect(await ask(port, '/files/missing.txt')).toMatchObject({
    status: 404,
    headers: { 'content-type': 'application/problem+json' },
  });
  expect((await ask(port, '/files/..%2f..%2fetc%2fpasswd')).status).toBe(400);
  expect((await ask(port, path, {}, 'DELETE')).status).toBe(405);
}
