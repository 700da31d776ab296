import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { upload } from '../src/index.ts';
import { begin, choose, open, outcome, until, uploadOn } from './browser.ts';
import { startBucket } from './bucket.ts';
import { openWorld } from './open-world.ts';
import type { World } from './world.ts';

const MEBIBYTE = 1024 ** 2;
const CLAIM = { options: { claim: '/claims' } };

let browser: Browser;
let world: World;
let page: Page;
openWorld(opened => {
  ({ browser, world, page } = opened);
});

const puts = (): number => world.requests.filter(request => request.startsWith('PUT')).length;

describe('by a claim', () => {
  test('the file goes straight to the disk, by one request, and a row gets it', async () => {
    const { result, progress } = await uploadOn(page, { text: 'hällo', ...CLAIM });
    expect(await world.redeem(result?.token ?? '')).toBe('hällo');
    expect(progress.at(-1)).toEqual({ sentBytes: 6, confirmedBytes: 6, totalBytes: 6 });
    expect(puts()).toBe(1);
  });

  test('an empty file, too', async () => {
    const { result } = await uploadOn(page, { text: '', ...CLAIM });
    expect(await world.redeem(result?.token ?? '')).toBe('');
  });

  test('progress grows, and nothing is confirmed before the server has said so', async () => {
    const { progress } = await uploadOn(page, { bytes: 20 * MEBIBYTE, ...CLAIM });
    expect(progress[0]?.sentBytes).toBeGreaterThan(1000); // of the file, not of what was asked
    const sent = progress.map(({ sentBytes }) => sentBytes);
    expect(sent).toEqual(sent.toSorted((one, other) => one - other));
    expect(new Set(progress.slice(0, -1).map(({ confirmedBytes }) => confirmedBytes))).toEqual(new Set([0]));
    expect(progress.at(-1)?.confirmedBytes).toBe(20 * MEBIBYTE);
  });

  test('with a digest nothing else can be uploaded', async () => {
    const { result } = await uploadOn(page, { text: 'hello', options: { ...CLAIM.options, digest: true } });
    expect(await world.redeem(result?.token ?? '')).toBe('hello');
  });

  test('to a bucket of another origin', async () => {
    await using bucket = await startBucket();
    const other = bucket.world;
    const elsewhere = await open(browser, other.origin);
    const { result } = await uploadOn(elsewhere, { text: 'hello', ...CLAIM });
    expect(await other.redeem(result?.token ?? '')).toBe('hello');
    await elsewhere.close();
  });

  test('an abort ends it at once, and the server has nothing', async () => {
    world.instead = ({ method }) => method === 'PUT'; // and never answers
    await begin(page, { bytes: MEBIBYTE, ...CLAIM });
    await until(page, 'sentBytes', MEBIBYTE);
    await page.evaluate("abort.abort(new DOMException('enough', 'AbortError'))");
    expect((await outcome(page)).error?.name).toBe('AbortError');
  });

  test('a pause ends the request, and it goes on afterwards', async () => {
    let isHeld = true;
    world.instead = ({ method }) => isHeld && method === 'PUT';
    await begin(page, { text: 'hello', ...CLAIM });
    await until(page, 'sentBytes', 5);
    await page.evaluate('running.pause()');
    isHeld = false;
    await page.evaluate('running.resume()');
    expect(await world.redeem((await outcome(page)).result?.token ?? '')).toBe('hello');
  });

  test('a paused upload can be aborted', async () => {
    world.instead = ({ method }) => method === 'PUT';
    await begin(page, { text: 'hello', ...CLAIM });
    await until(page, 'sentBytes', 5);
    await page.evaluate('running.pause(); abort.abort()');
    expect((await outcome(page)).error?.name).toBe('AbortError');
  });
});

describe('what goes wrong is told by one error', () => {
  const answers: [string, number, Record<string, string>, string, object][] = [
    ['what the storage refuses', 403, {}, '<Error/>', { code: 'refused', status: 403, retryable: false }],
    ['a body that is too large for a proxy', 413, {}, '', { code: 'refused', status: 413, retryable: false }],
    [
      'problem details',
      415,
      { 'content-type': 'application/problem+json' },
      '{"code":"not-accepted","title":"No"}',
      { code: 'not-accepted', status: 415, retryable: false },
    ],
    [
      'a page of HTML',
      200,
      { 'content-type': 'text/html' },
      '<p>',
      { code: 'unexpected-answer', retryable: true },
    ],
    ['a redirect', 307, { location: '/elsewhere' }, '', { code: 'redirected', retryable: false }],
    ['a redirect to a page', 303, { location: '/login' }, '', { code: 'redirected', retryable: false }],
    ['faults without end', 500, {}, '', { code: 'failed', status: 500, retryable: true }],
    [
      'to wait too long',
      503,
      { 'retry-after': '3600' },
      '',
      { code: 'failed', retryable: true, retryAfterSeconds: 3600 },
    ],
  ];

  test.each(answers)('%s (%i)', async (_, status, headers, body, error) => {
    world.instead = ({ url }, response) => {
      if (!url?.startsWith('/media/')) return false;
      response.writeHead(status, headers).end(body);
      return true;
    };
    const { error: told } = await uploadOn(page, { text: 'x', options: { claim: '/claims', attempts: 3 } });
    expect(told).toMatchObject({ name: 'UploadError', ...error });
  });

  test.each([
    ['HTML in place of a claim', 200, '<p>sign in</p>', 'unexpected-answer'],
    ['JSON that is no claim', 200, '{"upload":null}', 'unexpected-answer'],
    [
      'a claim that leads to a script',
      200,
      '{"upload":{"url":"javascript:1","method":"PUT","headers":{}},"token":"t"}',
      'unexpected-answer',
    ],
    [
      'a claim whose headers are none',
      200,
      '{"upload":{"url":"/media/x","method":"PUT","headers":{"a":{}}},"token":"t"}',
      'unexpected-answer',
    ],
    ['no claim for this user', 403, '{"code":"permission"}', 'permission'],
  ])('%s', async (_, status, body, code) => {
    world.instead = ({ url }, response) => {
      if (url !== '/claims') return false;
      response.writeHead(status).end(body);
      return true;
    };
    const { error } = await uploadOn(page, { text: 'x', options: { claim: '/claims', attempts: 2 } });
    expect(error).toMatchObject({ name: 'UploadError', code });
  });
});

describe('what is passing is tried again', () => {
  test('429 and 500, for as long as the server asks', async () => {
    const answered = [429, 500, 503, 408];
    const at: number[] = [];
    world.instead = ({ method }, response) => {
      if (method !== 'PUT') return false;
      at.push(performance.now());
      const status = answered.shift();
      if (status === undefined) return false;
      response.writeHead(status, status === 429 ? { 'retry-after': '1' } : {}).end();
      return true;
    };
    const { result } = await uploadOn(page, { text: 'hello', ...CLAIM });
    expect(await world.redeem(result?.token ?? '')).toBe('hello');
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(990);
    expect(at).toHaveLength(5);
  });

  test('an answer that is lost: the file is sent again, with a claim that is new', async () => {
    let isFirst = true;
    world.instead = ({ method }, response) => {
      if (method !== 'PUT' || !isFirst) return false;
      isFirst = false;
      response.writeHead = () => response.destroy();
      return false;
    };
    const { result } = await uploadOn(page, { text: 'hello', ...CLAIM });
    expect(await world.redeem(result?.token ?? '')).toBe('hello');
    expect(world.requests.filter(request => request === 'POST /claims')).toHaveLength(2);
  });

  test('a browser without a network waits for one, and counts no try', async () => {
    await page.context().setOffline(true);
    await begin(page, { text: 'hello', options: { claim: '/claims', attempts: 1 } });
    await page.waitForFunction(() => !navigator.onLine);
    await page.context().setOffline(false);
    expect(await world.redeem((await outcome(page)).result?.token ?? '')).toBe('hello');
  });

  test('a request in which nothing moves is made again', async () => {
    let isFirst = true;
    world.instead = ({ method }) => {
      const isHeld = isFirst && method === 'PUT';
      if (isHeld) isFirst = false;
      return isHeld;
    };
    const { result } = await uploadOn(page, {
      text: 'hello',
      options: { claim: '/claims', idleSeconds: 0.5 },
    });
    expect(await world.redeem(result?.token ?? '')).toBe('hello');
  });
});

describe('to the application', () => {
  test('the file is the body of one request, with its name', async () => {
    const { result } = await uploadOn(page, { text: 'hello', options: { to: '/received' } });
    expect(result?.answer).toEqual({ text: 'hello' });
  });

  const posts = (): number => world.requests.filter(request => request === 'POST /received').length;

  test('what the application may have taken is not sent again, also after a pause', async () => {
    let arrived = (): void => {};
    const received = new Promise<void>(resolve => {
      arrived = resolve;
    });
    let cut = (): void => {};
    world.instead = (request, response) => {
      if (request.url !== '/received') return false;
      request.resume().on('end', arrived);
      cut = () => response.writeHead(201, { 'content-length': 10 }).write('{', () => response.destroy());
      return true;
    };
    await begin(page, { text: 'hello', options: { to: '/received' } });
    await received;
    await page.evaluate('running.pause()');
    cut();
    expect((await outcome(page)).error).toMatchObject({ code: 'network', retryable: false });
    expect(posts()).toBe(1);
  });

  test('what it has not begun with is sent again, and what it failed with is not', async () => {
    const answered = [503, 429, 500];
    world.instead = ({ url }, response) => {
      if (url !== '/received') return false;
      response.writeHead(answered.shift() ?? 201).end();
      return true;
    };
    const { error } = await uploadOn(page, { text: 'hello', options: { to: '/received' } });
    expect(error).toMatchObject({ code: 'failed', status: 500, retryable: false });
    expect(posts()).toBe(3);
  });
});

test.each([
  ['no place', 'x', {}, 'TypeError'],
  ['no file', undefined, { to: '/received' }, 'TypeError'],
  ['an option that is no number', 'x', { to: '/received', attempts: 'two' }, 'RangeError'],
])('%s is refused before anything is sent', async (_, text, options, name) => {
  const file = (text === undefined ? undefined : new File([text], 'a.txt')) as File;
  await expect(upload(file, options as { to: string })).rejects.toHaveProperty('name', name);
});

test('in a worker', async () => {
  const token = await page.evaluate(async () => {
    const script = `import { upload } from '${location.origin}/index.js';
      onmessage = async ({ data }) => {
        const { token } = await upload(data, { claim: '${location.origin}/claims' });
        postMessage(token);
      };`;
    const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })), {
      type: 'module',
    });
    const answered = new Promise<string>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = event => reject(new Error(event.message));
    });
    worker.postMessage(new File(['hello'], 'a.txt'));
    return answered;
  });
  expect(await world.redeem(token)).toBe('hello');
});

test('a file that is changed while it is uploaded', async () => {
  const path = join(world.folder, 'chosen.txt');
  writeFileSync(path, 'before');
  await choose(page, world.origin, path);
  world.instead = ({ method }, response) => {
    if (method !== 'PUT') return false;
    writeFileSync(path, 'behind');
    utimesSync(path, 1, 1);
    response.writeHead(500).end();
    return true;
  };
  const { error } = await uploadOn(page, { chosen: true, ...CLAIM });
  expect([error?.code, puts()]).toEqual(['file-changed', 1]);
});

test('without XMLHttpRequest, as on Node', async () => {
  const progress: number[] = [];
  const { token } = await upload(new File(['hello'], 'a.txt'), {
    claim: async request => {
      expect(request).toEqual({ filename: 'a.txt', sizeBytes: 5, partDigest: 'crc32' });
      return fetch(`${world.origin}/claims`, { method: 'POST', body: JSON.stringify(request) });
    },
    onProgress: ({ confirmedBytes }) => progress.push(confirmedBytes),
  });
  expect(await world.redeem(token)).toBe('hello');
  expect(progress.at(-1)).toBe(5);
});
