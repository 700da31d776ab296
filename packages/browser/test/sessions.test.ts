import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { load } from '@fieldfile/test-servers/load';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { FileUpload } from '../src/element.ts';
import { upload } from '../src/index.ts';
import { begin, choose, lettersOf, outcome, rewriteKept, until, uploadOn, visit } from './browser.ts';
import { type GcsBucket, startGcsBucket } from './gcs-bucket.ts';
import { openWorld } from './open-world.ts';
import { writeRandomFile } from './random-file.ts';
import type { World } from './world.ts';

// A file to a session of Google Cloud Storage, which is another origin and lets in the page that the session was begun for.

const MEBIBYTE = 1024 ** 2;
const LARGE_BYTES = load({ test: 24, ci: 104, deep: 300 }) * MEBIBYTE + 5;
/** What the browser keeps for a reload is larger than 5 MiB. */
const BYTES = 8 * MEBIBYTE + 7;
const DIGEST = createHash('sha256').update(lettersOf(BYTES), 'latin1').digest('hex');
const FILE = { bytes: BYTES, options: { claim: '/claims', attempts: 6 } };

let bucket: GcsBucket;
let world: World;
let page: Page;
openWorld(
  opened => {
    ({ world, page } = opened);
  },
  async () => {
    bucket = await startGcsBucket();
    return bucket;
  },
);

/** Where what was sent to a session began, in the order in which it came. */
let sent: number[] = [];
beforeEach(() => {
  sent = [];
  gated(() => false);
});

/** Answers in place of the service where it returns true. It is told of what pages send to sessions. */
function gated(answers: (request: IncomingMessage, response: ServerResponse) => boolean): void {
  bucket.gate.instead = (request, response) => {
    const [, start] = /^bytes (\d+)-/.exec(request.headers['content-range'] ?? '') ?? [];
    if (start === undefined || request.headers.authorization) return false;
    sent.push(Number(start));
    return answers(request, response);
  };
}

/** Lets so many bytes of a request through, and then cuts its connection, or lets nothing more pass. */
function stopAfter(
  bytes: number,
  how: 'cut' | 'hold',
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    let came = 0;
    const pipe = request.pipe.bind(request);
    request.pipe = (target, options) => {
      request.on('data', (chunk: Buffer) => {
        came += chunk.byteLength;
        if (came < bytes) return;
        if (how === 'cut') response.destroy();
        else request.unpipe(target).pause();
      });
      return pipe(target, options);
    };
    return false;
  };
}

const asked = (): number => world.requests.filter(request => request === 'POST /claims').length;

test('goes by one request where nothing interrupts it, and costs the application three requests to the storage', async () => {
  const made: string[] = [];
  await uploadOn(page, FILE); // what is asked once for all
  await world.expire(); // its name is free
  sent = [];
  world.requests.length = 0;
  bucket.gate.instead = ({ method, headers, url }) => {
    if (headers.authorization) made.push(`${method} ${url?.replace(/\?.*/, '')}`);
    else if (method === 'PUT') sent.push(0);
    return false;
  };
  const { result, progress } = await uploadOn(page, FILE);
  expect(asked()).toBe(1);
  expect(sent).toEqual([0]);
  expect(progress.at(-1)).toEqual({ sentBytes: BYTES, confirmedBytes: BYTES, totalBytes: BYTES });
  await world.field.redeem(String(result?.token), { for: 'ada' });
  expect(made, made.join('\n')).toHaveLength(3);
  expect(await world.redeemedDigest((await uploadOn(page, FILE)).result?.token)).toBe(DIGEST);
});

test('a large file, through cut connections, byte for byte', async () => {
  const path = join(world.folder, 'film.mp4');
  const digest = await writeRandomFile(path, LARGE_BYTES);
  let cuts = 0;
  gated((request, response) => {
    if (++cuts > 4) return false;
    return stopAfter(LARGE_BYTES / 8, 'cut')(request, response);
  });
  await choose(page, world.origin, path);
  const { result, progress } = await uploadOn(page, { chosen: true, options: FILE.options });
  expect(await world.redeemedDigest(result?.token)).toBe(digest);
  expect(cuts).toBeGreaterThan(4);
  expect(sent.at(-1)).toBeGreaterThan(0); // a browser repeats some requests itself, as they were
  const confirmed = progress.map(({ confirmedBytes }) => confirmedBytes);
  expect(confirmed).toEqual(confirmed.toSorted((one, other) => one - other));
  expect(progress.at(-1)).toEqual({
    ...{ sentBytes: LARGE_BYTES, confirmedBytes: LARGE_BYTES, totalBytes: LARGE_BYTES },
  });
});

test('when the last answer is lost, nothing is sent again', async () => {
  gated((_, response) => {
    response.writeHead = () => response.destroy();
    return false;
  });
  const { result } = await uploadOn(page, FILE);
  expect(sent.filter(start => start > 0)).toEqual([]);
  expect(asked()).toBe(2); // the claim, and what is stored
  expect(await world.redeemedDigest(result?.token)).toBe(DIGEST);
});

test('a service that is busy, or has not taken all of it, is sent the rest', async () => {
  const answers = [503, 308, 429];
  gated((request, response) => {
    const status = answers.shift();
    if (status === undefined) return false;
    request.resume();
    response.setHeader('access-control-allow-origin', world.origin);
    request.once('end', () => response.writeHead(status).end());
    return true;
  });
  const { result } = await uploadOn(page, FILE);
  expect(sent).toEqual([0, 0, 0, 0]);
  expect(asked()).toBe(4);
  expect(await world.redeemedDigest(result?.token)).toBe(DIGEST);
});

describe('it goes on', () => {
  test('after a pause, with what the service has', async () => {
    gated(stopAfter(3 * MEBIBYTE, 'hold'));
    await begin(page, FILE);
    await until(page, 'sentBytes', 3 * MEBIBYTE);
    await vi.waitUntil(() => sent.length > 0);
    await page.evaluate('running.pause()');
    gated(() => false);
    await page.evaluate('running.resume()');
    const { result } = await outcome(page);
    expect(sent.at(-1)).toBeGreaterThan(0);
    expect(await world.redeemedDigest(result?.token)).toBe(DIGEST);
  });

  test('after a reload, and is forgotten when it is done', async () => {
    await interrupted();
    const { result } = await uploadOn(page, FILE);
    expect(asked()).toBe(1); // what is stored
    expect(sent).toHaveLength(1);
    expect(sent[0]).toBeGreaterThan(0);
    expect(await world.redeemedDigest(result?.token)).toBe(DIGEST);
    sent = [];
    const again = await uploadOn(page, FILE);
    expect(again.result?.token).not.toBe(result?.token);
    expect(sent).toEqual([0]);
  });

  test('after a reload when all of it was sent', async () => {
    gated((_, response) => {
      response.writeHead = () => response; // it is never answered
      response.write = () => true;
      response.end = () => response;
      return false;
    });
    await begin(page, FILE);
    await until(page, 'sentBytes', BYTES);
    await vi.waitUntil(async () => !(await bucket.everything()).includes('a session'));
    await visit(page, world.origin);
    sent = [];
    const { result } = await uploadOn(page, FILE);
    expect(sent).toEqual([]);
    expect(await world.redeemedDigest(result?.token)).toBe(DIGEST);
  });

  /** A page that was left when some of the file was stored. */
  async function interrupted(): Promise<void> {
    gated(stopAfter(3 * MEBIBYTE, 'hold'));
    await begin(page, FILE);
    await until(page, 'sentBytes', 3 * MEBIBYTE);
    await vi.waitUntil(() => sent.length > 0);
    await visit(page, world.origin);
    gated(() => false);
    sent = [];
    world.requests.length = 0;
  }

  test.each<[string, () => Promise<void>]>([
    ['that was ended meanwhile', () => world.expire()],
    ['that the service has forgotten', () => bucket.forget()],
    ['that is kept and is none', () => rewriteKept(page, '{"session":{"url":"javascript:1"},"token":"x"}')],
  ])('a claim %s is made anew after a reload', async (_, end) => {
    await interrupted();
    await end();
    const { result } = await uploadOn(page, FILE);
    expect(sent.at(-1)).toBe(0);
    expect(await world.redeemedDigest(result?.token)).toBe(DIGEST);
  });

  test.each<[string, () => Promise<void>]>([
    ['was ended', () => world.expire()],
    ['was forgotten', () => bucket.forget()],
  ])('a claim that %s while it was sent is made anew', async (_, end) => {
    gated(stopAfter(3 * MEBIBYTE, 'hold'));
    await begin(page, FILE);
    await until(page, 'sentBytes', 3 * MEBIBYTE);
    await page.evaluate('running.pause()');
    await end();
    gated(() => false);
    await page.evaluate('running.resume()');
    const { result } = await outcome(page);
    expect(sent.at(-1)).toBe(0);
    expect(await world.redeemedDigest(result?.token)).toBe(DIGEST);
  });
});

test('an abort ends the session and leaves nothing, and one that the server is not told of nothing that counts', async () => {
  await bucket.forget();
  await world.expire(); // of other tests
  const before = await bucket.everything();
  for (const isTold of [true, false]) {
    gated(stopAfter(3 * MEBIBYTE, 'hold'));
    await begin(page, FILE);
    await until(page, 'sentBytes', 3 * MEBIBYTE);
    expect(await bucket.everything()).not.toEqual(before);
    if (!isTold) world.instead = ({ url }) => url === '/claims';
    await page.evaluate('abort.abort()');
    expect((await outcome(page)).error?.name).toBe('AbortError');
    if (!isTold) await world.expire();
    await expect.poll(() => bucket.everything()).toEqual(isTold ? before : [...before, 'a session']);
  }
});

test('a page of another origin than the session was begun for cannot send to it', async () => {
  const { token, session } = await page.evaluate(async () => {
    const question = { filename: 'a.bin', sizeBytes: 2 * 1024 ** 2 };
    return (await fetch('/claims', { method: 'POST', body: JSON.stringify(question) })).json();
  });
  const send = (url: string): Promise<string> =>
    page.evaluate(async target => {
      const body = new Blob([new Uint8Array(2 * 1024 ** 2)]);
      return fetch(target, { method: 'PUT', body }).then(
        ({ status }) => String(status),
        error => error.name,
      );
    }, url);
  await visit(page, world.origin.replace('127.0.0.1', 'localhost'));
  expect(await send(session.url)).toBe('TypeError');
  await visit(page, world.origin);
  expect(await send(session.url)).toBe('200');
  await world.redeem(token);
});

test('the element sends large files to a session, too, and small ones go by one request', async () => {
  const path = join(world.folder, 'film.bin');
  const digest = await writeRandomFile(path, BYTES);
  await visit(page, world.origin);
  await page.evaluate(
    `import('/element.js').then(() => document.querySelector('main').innerHTML = '<file-upload claim="/claims"></file-upload>')`,
  );
  await page.locator('file-upload input').setInputFiles(path);
  await page.locator('[part=state]').getByText('Uploaded').waitFor();
  expect(sent).toEqual([0]);
  expect(
    await world.redeemedDigest(await page.locator('file-upload').evaluate((one: FileUpload) => one.value)),
  ).toBe(digest);
  await visit(page, world.origin);
  const { result } = await uploadOn(page, { text: 'hello', options: FILE.options });
  expect(await world.redeem(result?.token)).toBe('hello');
  expect(sent).toEqual([0]);
});

describe('without XMLHttpRequest, as on Node', () => {
  const content = Buffer.alloc(2 * MEBIBYTE + 3, 'what a program has, ');
  const options = (): Parameters<typeof upload>[1] => ({
    claim: question => world.field.claim({ ...question, for: 'ada', parts: 'always' }),
    parts: async question =>
      (await fetch(`${world.origin}/claims`, { method: 'POST', body: JSON.stringify(question) })).json(),
    backOffSeconds: 0.01,
  });

  test('through a cut connection', async () => {
    let cuts = 0;
    gated((request, response) => cuts++ === 0 && stopAfter(MEBIBYTE, 'cut')(request, response));
    const { token } = await upload(new File([content], 'a.bin'), options());
    expect(sent).toHaveLength(2);
    expect(await world.redeemedDigest(token)).toBe(createHash('sha256').update(content).digest('hex'));
  });

  test('a service that has not taken all of it is sent the rest', async () => {
    gated((request, response) => {
      if (sent.length > 1) return false;
      request.resume().once('end', () => response.writeHead(308).end());
      return true;
    });
    const { token } = await upload(new File([content], 'a.bin'), options());
    expect(sent).toEqual([0, 0]);
    expect(await world.redeemedDigest(token)).toBe(createHash('sha256').update(content).digest('hex'));
  });

  test('an empty file', async () => {
    const { token } = await upload(new File([], 'empty.bin'), options());
    expect(await world.redeem(token)).toBe('');
  });

  test('one of another content than its digest is refused, and not sent for ever', async () => {
    let claims = 0;
    const md5 = { algorithm: 'md5', base64: createHash('md5').update('other').digest('base64') } as const;
    const failing = upload(new File([content], 'a.bin'), {
      ...options(),
      claim: question => {
        claims++;
        return world.field.claim({ ...question, digest: md5, for: 'ada', parts: 'always' });
      },
    });
    await expect(failing).rejects.toMatchObject({ code: 'refused', status: 400 });
    expect([claims, sent]).toEqual([1, [0]]);
  });
});
