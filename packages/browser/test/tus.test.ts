import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { begin, lettersOf, outcome, rewriteKept, until, uploadOn, visit } from './browser.ts';
import { openWorld } from './open-world.ts';
import type { World } from './world.ts';

const MEBIBYTE = 1024 ** 2;
const SIZE = 4 * MEBIBYTE;
const LETTERS = lettersOf(SIZE);
const BY_TUS = { bytes: SIZE, options: { tus: '/tus', partSizeBytes: MEBIBYTE, attempts: 6 } };

let world: World;
let page: Page;
openWorld(opened => {
  ({ world, page } = opened);
});

const count = (method: string): number =>
  world.requests.filter(request => request.startsWith(`${method} `)).length;
const uploads = (): string[] => readdirSync(world.tusFolder).filter(name => !name.endsWith('.json'));
const stored = (token: string | undefined): string =>
  readFileSync(join(world.tusFolder, token ?? ''), 'latin1');
/** Lets so many parts through, and then nothing. */
const holdAfter = (parts: number): void => {
  let left = parts;
  world.instead = ({ method }) => method === 'PATCH' && left-- <= 0;
};

test('the parts arrive one after another, and each is confirmed', async () => {
  const { result, progress } = await uploadOn(page, BY_TUS);
  expect(stored(result?.token)).toBe(LETTERS);
  expect(new Set(progress.map(({ confirmedBytes }) => confirmedBytes / MEBIBYTE))).toEqual(
    new Set([0, 1, 2, 3, 4]),
  );
  expect([count('POST'), count('PATCH')]).toEqual([1, 4]);
});

test('an empty file needs no part', async () => {
  const { result } = await uploadOn(page, { ...BY_TUS, bytes: 0 });
  expect(stored(result?.token)).toBe('');
});

test('small files go by claim where both are given', async () => {
  const { result } = await uploadOn(page, { text: 'x', options: { ...BY_TUS.options, claim: '/claims' } });
  expect(await world.redeem(result?.token ?? '')).toBe('x');
});

test('a server that begins no upload for a while is asked again', async () => {
  let failures = 5;
  world.instead = ({ method }, response) => {
    if (method !== 'POST' || failures-- <= 0) return false;
    response.writeHead(503).end();
    return true;
  };
  const { result } = await uploadOn(page, BY_TUS);
  expect(stored(result?.token)).toBe(LETTERS);
});

test('it goes on after a server that died, and one that fails', async () => {
  let answers = 0;
  world.instead = ({ method }, response) => {
    if (method !== 'PATCH') return false;
    answers++;
    if (answers % 2 === 0) return false;
    if (answers % 3 === 0) response.destroy();
    else response.writeHead(500).end();
    return true;
  };
  const { result } = await uploadOn(page, BY_TUS);
  expect(stored(result?.token)).toBe(LETTERS);
  expect(count('HEAD')).toBeGreaterThan(1);
});

test('it goes on after the server was stopped and started', async () => {
  holdAfter(2);
  await begin(page, BY_TUS);
  await until(page, 'confirmedBytes', 2 * MEBIBYTE);
  await world.stop();
  world.instead = () => false;
  await world.start();
  expect(stored((await outcome(page)).result?.token)).toBe(LETTERS);
  expect(count('PATCH')).toBeLessThanOrEqual(6);
});

test('a pause keeps what the server has', async () => {
  holdAfter(2);
  await begin(page, BY_TUS);
  await until(page, 'confirmedBytes', 2 * MEBIBYTE);
  await page.evaluate('running.pause()');
  world.instead = () => false;
  world.requests.length = 0;
  await page.evaluate('running.resume()');
  expect(stored((await outcome(page)).result?.token)).toBe(LETTERS);
  expect([count('POST'), count('PATCH')]).toEqual([0, 2]);
});

test('it goes on after a reload, and is forgotten when it is done', async () => {
  holdAfter(3);
  await begin(page, BY_TUS);
  await until(page, 'confirmedBytes', 3 * MEBIBYTE);
  await visit(page, world.origin);
  world.instead = () => false;
  world.requests.length = 0;
  const { result } = await uploadOn(page, BY_TUS);
  expect(stored(result?.token)).toBe(LETTERS);
  expect([count('POST'), count('PATCH')]).toEqual([0, 1]);
  await uploadOn(page, BY_TUS);
  expect(count('POST')).toBe(1);
});

test('what the server has lost meanwhile is begun anew', async () => {
  const before = new Set(uploads());
  holdAfter(3);
  await begin(page, BY_TUS);
  await until(page, 'confirmedBytes', 3 * MEBIBYTE);
  await visit(page, world.origin);
  world.instead = () => false;
  for (const name of uploads().filter(one => !before.has(one)))
    for (const path of [name, `${name}.json`]) rmSync(join(world.tusFolder, path));
  const { result } = await uploadOn(page, BY_TUS);
  expect(stored(result?.token)).toBe(LETTERS);
});

test('what is kept and is no address is begun anew', async () => {
  holdAfter(3);
  await begin(page, BY_TUS);
  await until(page, 'confirmedBytes', 3 * MEBIBYTE);
  await visit(page, world.origin);
  world.instead = () => false;
  await rewriteKept(page, '{');
  const { result } = await uploadOn(page, BY_TUS);
  expect(stored(result?.token)).toBe(LETTERS);
});

test('a session that was over loses nothing: signed in again, the upload goes on', async () => {
  holdAfter(3);
  await begin(page, BY_TUS);
  await until(page, 'confirmedBytes', 3 * MEBIBYTE);
  await visit(page, world.origin);
  world.instead = ({ method, url }, response) => {
    if (!url?.startsWith('/tus') || method === 'OPTIONS') return false;
    response.writeHead(403).end('{"code":"permission"}');
    return true;
  };
  const { error } = await uploadOn(page, BY_TUS);
  expect(error).toMatchObject({ code: 'permission', status: 403 });
  world.instead = () => false;
  world.requests.length = 0;
  const { result } = await uploadOn(page, BY_TUS);
  expect(stored(result?.token)).toBe(LETTERS);
  expect([count('POST'), count('PATCH')]).toEqual([0, 1]);
});

test('somebody else, and another file, do not go on with it', async () => {
  holdAfter(1);
  await begin(page, { ...BY_TUS, options: { ...BY_TUS.options, resumeKey: 'ada' } });
  await until(page, 'confirmedBytes', MEBIBYTE);
  await visit(page, world.origin);
  world.instead = () => false;
  world.requests.length = 0;
  await uploadOn(page, { ...BY_TUS, options: { ...BY_TUS.options, resumeKey: 'eve' } });
  expect(count('POST')).toBe(1);
  await uploadOn(page, { text: 'b'.repeat(SIZE), options: { ...BY_TUS.options, resumeKey: 'ada' } });
  expect(count('POST')).toBe(2);
});

test.each([
  'Object.defineProperty(globalThis, "indexedDB", { value: undefined })',
  'Object.defineProperty(globalThis, "indexedDB", { get() { throw new DOMException("", "SecurityError"); } })',
  'IDBFactory.prototype.open = () => { throw new DOMException("", "SecurityError"); }',
  'IDBObjectStore.prototype.put = () => { throw new DOMException("", "QuotaExceededError"); }',
  'Object.defineProperty(navigator, "locks", { value: undefined })',
  'LockManager.prototype.request = () => Promise.reject(new DOMException("", "SecurityError"))',
])('a browser that keeps nothing uploads all the same: %s', async script => {
  const tab = await page.context().newPage();
  await tab.addInitScript(script);
  await visit(tab, world.origin);
  const { result } = await uploadOn(tab, BY_TUS);
  expect(stored(result?.token)).toBe(LETTERS);
  await tab.close();
});

test('two tabs that upload one file make two uploads', async () => {
  const other = await page.context().newPage();
  await visit(other, world.origin);
  holdAfter(2);
  await begin(page, BY_TUS);
  await begin(other, BY_TUS);
  await expect.poll(() => count('POST')).toBe(2);
  world.instead = () => false;
  await page.evaluate('running.pause(); running.resume()');
  await other.evaluate('running.pause(); running.resume()');
  const [one, two] = [await outcome(page), await outcome(other)];
  expect(one.result?.token).not.toBe(two.result?.token);
  for (const { result } of [one, two]) expect(stored(result?.token)).toBe(LETTERS);
  await other.close();
});

test('an abort takes back what the server has', async () => {
  const before = uploads();
  holdAfter(2);
  await begin(page, BY_TUS);
  await until(page, 'confirmedBytes', 2 * MEBIBYTE);
  await page.evaluate('abort.abort()');
  expect((await outcome(page)).error?.name).toBe('AbortError');
  await expect.poll(uploads).toEqual(before);
});

test('a proxy that lets no such large request through gets smaller ones', async () => {
  world.instead = ({ method, headers }, response) => {
    if (method !== 'PATCH' || Number(headers['content-length']) <= 300_000) return false;
    response.writeHead(413, { connection: 'close' }).end('<h1>413</h1>');
    return true;
  };
  const { result } = await uploadOn(page, BY_TUS);
  expect(stored(result?.token)).toBe(LETTERS);
});

test.each([
  ['POST', 200, '<p>sign in</p>', 'unexpected-answer'],
  ['PATCH', 204, '', 'unexpected-answer'],
  ['PATCH', 302, '', 'redirected'],
  ['POST', 413, '{"code":"too-large"}', 'too-large'],
  ['PATCH', 403, '{"code":"permission"}', 'permission'],
])('%s answered with %i %s is %s', async (asked, status, body, code) => {
  world.instead = ({ method, url }, response) => {
    if (method !== asked || !url?.startsWith('/tus')) return false;
    response.writeHead(status, { location: '/login' }).end(body);
    return true;
  };
  const { error } = await uploadOn(page, {
    ...BY_TUS,
    options: { ...BY_TUS.options, attempts: 2, resumes: false },
  });
  expect(error).toMatchObject({ name: 'UploadError', code });
});

test('each part has its SHA-256, where the server knows that', async () => {
  const checksums: unknown[] = [];
  world.instead = ({ method, headers }, response) => {
    if (method === 'OPTIONS') {
      response.writeHead(204, { 'tus-checksum-algorithm': 'md5,sha256' }).end();
      return true;
    }
    if (method === 'PATCH') checksums.push(headers['upload-checksum']);
    return false;
  };
  await uploadOn(page, { text: 'hello', options: { tus: '/tus' } });
  expect(checksums).toEqual([`sha256 ${createHash('sha256').update('hello').digest('base64')}`]);
});

test('a file that is larger than the server takes is refused before a byte is sent', async () => {
  world.instead = ({ method }, response) => {
    if (method !== 'OPTIONS') return false;
    response.writeHead(204, { 'tus-max-size': '4' }).end();
    return true;
  };
  const { error } = await uploadOn(page, { text: 'hello', options: { tus: '/tus' } });
  expect(error).toMatchObject({ code: 'too-large', status: 413 });
  expect(count('POST')).toBe(0);
});
