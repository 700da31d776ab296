import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileSystemStorage } from '@fieldfile/fs';
import { load } from '@fieldfile/test-servers/load';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildNext, EXAMPLES, install, NEXT, runExample, SOURCE } from './run-example.ts';

const CONTENT = 'x'.repeat(100_000);

/** Those whose libraries are installed on demand take minutes. */
const HEAVY = load({ test: 0, ci: 1, deep: 1 }) === 1;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fieldfile-examples-'));
  await using storage = new FileSystemStorage({ root: join(folder, 'media') });
  await storage.save('2026/größe.txt', CONTENT);
  await storage.save('page.html', '<script>alert(1)</script>');
});
afterAll(() => rm(folder, { recursive: true }));

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
async function servesFiles(port: number, length: object = { 'content-length': '100000' }): Promise<void> {
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

describe('files are served through', () => {
  test.each(['node-http', 'express', 'fastify', 'hono'])('%s', async name => {
    await using server = await runExample(folder, SOURCE, join(EXAMPLES, `${name}.js`));
    await servesFiles(server.port);
  });

  test.runIf(HEAVY)('nest', async () => {
    await install('nest');
    await using server = await runExample(folder, SOURCE, join(EXAMPLES, 'nest/main.js'));
    await servesFiles(server.port);
  });

  test.runIf(HEAVY)('next', async () => {
    await buildNext();
    await using server = await runExample(folder, NEXT, 'start', join(EXAMPLES, 'next'));
    await servesFiles(server.port, {});
  });
});

test('the README has the examples as they are run', async () => {
  const readme = await readFile(join(EXAMPLES, '../README.md'), 'utf8');
  for (const name of [
    'files',
    'node-http',
    'express',
    'fastify',
    'hono',
    'nest/main',
    'next/app/files/[...name]/route',
  ])
    expect(readme).toContain(`\`\`\`js\n${await readFile(join(EXAMPLES, `${name}.js`), 'utf8')}\`\`\``);
});
