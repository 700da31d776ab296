import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { load } from '@fieldfile/test-servers/load';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FileUpload } from '../src/element.ts';
import { type ClaimRequest, type PartsRequest, upload } from '../src/index.ts';
import { begin, choose, lettersOf, outcome, rewriteKept, until, uploadOn, visit } from './browser.ts';
import { type Bucket, PART_BYTES, partNumberOf, startBucket } from './bucket.ts';
import { openWorld } from './open-world.ts';
import { writeRandomFile } from './random-file.ts';
import type { World } from './world.ts';

// A file in parts, straight to a bucket of another origin.

const MEBIBYTE = 1024 ** 2;
const LARGE_BYTES = load({ test: 36, ci: 104, deep: 300 }) * MEBIBYTE + 5;
const PATIENCE = { timeout: 20_000 };
const PARTS = 5;
/** The last part is a small one. */
const BYTES = (PARTS - 1) * PART_BYTES + 7;
const DIGEST = createHash('sha256').update(lettersOf(BYTES), 'latin1').digest('hex');
const IN_PARTS = { bytes: BYTES, options: { claim: '/claims', attempts: 6 } };

let bucket: Bucket;
let world: World;
let page: Page;
openWorld(
  opened => {
    ({ world, page } = opened);
  },
  async () => {
    bucket = await startBucket();
    return bucket;
  },
);
/** The numbers of the parts that were sent, in the order in which they came. */
let sent: number[] = [];
beforeEach(() => {
  sent = [];
  gated(() => false);
});
afterEach(() => void vi.useRealTimers());

/** Answers in place of the bucket where it returns true. It is told of parts only. */
function gated(
  answers: (number: number, ...exchange: Parameters<Bucket['gate']['instead']>) => boolean,
): void {
  bucket.gate.instead = (request, response) => {
    const number = partNumberOf(request);
    if (number === 0) return false;
    sent.push(number);
    return answers(number, request, response);
  };
}

/** Lets so many parts through. The others are never answered. */
function holdAfter(parts: number): void {
  let left = parts;
  gated(() => left-- <= 0);
}

/** What a row has of it. */
const redeemed = async (token: string | undefined): Promise<string> => world.redeemedDigest(token);

const asked = (): number => world.requests.filter(request => request === 'POST /claims').length;

/** Has the application claim in parts, as a program on Node may. */
const straight = () => ({
  claim: (question: ClaimRequest) =>
    world.field.claim({ ...question, for: 'ada', parts: 'always', partBytes: PART_BYTES }),
  backOffSeconds: 0.01,
});

/** What the application says of a claim in parts. */
const answered = async (question: PartsRequest): Promise<Response> =>
  fetch(`${world.origin}/claims`, { method: 'POST', body: JSON.stringify(question) });

test('a large file, through cut connections, byte for byte', async () => {
  const path = join(world.folder, 'film.mp4');
  const digest = await writeRandomFile(path, LARGE_BYTES);
  const count = Math.ceil(LARGE_BYTES / PART_BYTES);
  const seen = new Set<number>();
  gated((number, request, response) => {
    if (seen.has(number) || number % 2 === 0) return false;
    seen.add(number);
    request.once('data', () => response.destroy());
    return false;
  });
  await choose(page, world.origin, path);
  const { result, progress } = await uploadOn(page, { chosen: true, options: IN_PARTS.options });
  expect(await redeemed(result?.token)).toBe(digest);
  expect(seen.size).toBeGreaterThan(count / 3);
  expect(sent.length).toBeGreaterThanOrEqual(count + seen.size); // a browser repeats some itself
  expect(progress.at(-1)).toEqual({
    ...{ sentBytes: LARGE_BYTES, confirmedBytes: LARGE_BYTES, totalBytes: LARGE_BYTES },
  });
});

test('parts go four at a time, and each is confirmed', async () => {
  let [open, most] = [0, 0];
  gated((_, __, response) => {
    most = Math.max(most, ++open);
    response.once('close', () => open--);
    return false;
  });
  const { result, progress } = await uploadOn(page, IN_PARTS);
  expect(await redeemed(result?.token)).toBe(DIGEST);
  expect(most).toBeLessThanOrEqual(4);
  expect(sent.toSorted()).toEqual([1, 2, 3, 4, 5]);
  const confirmed = progress.map(({ confirmedBytes }) => confirmedBytes);
  expect(confirmed).toEqual(confirmed.toSorted((one, other) => one - other));
  expect(asked()).toBe(3); // the claim, all signatures, and the file made of the parts
});

test('where the answer that the file was made is lost, the token of before is good for it', async () => {
  const before = await bucket.everything();
  let questions = 0;
  world.instead = ({ url }, response) => {
    if (url === '/claims' && ++questions === 3) response.writeHead = () => response.destroy();
    return false;
  };
  const { result } = await uploadOn(page, IN_PARTS);
  expect(questions).toBeGreaterThanOrEqual(3);
  const made = (await bucket.everything()).filter(one => !before.includes(one));
  expect(made).toEqual([expect.not.stringContaining('upload ')]);
  expect(await redeemed(result?.token)).toBe(DIGEST);
  expect(await bucket.everything()).toHaveLength(before.length + 1);
});

test('what the bucket answers for a part saves a request, where the page may read it', async () => {
  const made: string[] = [];
  let isShown = true;
  bucket.gate.instead = ({ method, url, headers }, response) => {
    if (headers.authorization) made.push(`${method} ${url}`);
    if (!isShown) response.removeHeader('access-control-expose-headers');
    return false;
  };
  const requests = async (): Promise<number> => {
    made.length = 0;
    const { result } = await uploadOn(page, IN_PARTS);
    expect(await redeemed(result?.token)).toBe(DIGEST);
    return made.length;
  };
  await requests(); // what is asked once for all
  const shown = await requests();
  isShown = false;
  expect(await requests()).toBe(shown + 1);
});

describe('what goes wrong', () => {
  test('a part that fails for ever ends the upload, and the next try sends what is missing', async () => {
    gated((number, _, response) => {
      if (number === 2) response.writeHead(500).end();
      return number === 2;
    });
    const { error } = await uploadOn(page, { ...IN_PARTS, options: { claim: '/claims', attempts: 3 } });
    expect(error).toMatchObject({ code: 'failed', status: 500, retryable: true });
    expect(sent.filter(number => number === 2)).toHaveLength(3);
    const done = new Set(sent);
    done.delete(2);
    sent = [];
    gated(() => false);
    const { result } = await uploadOn(page, IN_PARTS);
    expect(await redeemed(result?.token)).toBe(DIGEST);
    expect(sent).toContain(2);
    expect(sent.length).toBeLessThanOrEqual(PARTS - 1);
  });

  test('signatures that could not be had are asked for again, for all parts at once', async () => {
    let questions = 0;
    world.instead = ({ url }, response) => {
      if (url !== '/claims' || ++questions !== 2) return false;
      response.writeHead(503).end();
      return true;
    };
    const { result } = await uploadOn(page, { ...IN_PARTS, options: { claim: '/claims', attempts: 2 } });
    expect(await redeemed(result?.token)).toBe(DIGEST);
    expect(asked()).toBe(4); // the claim, two for signatures, and the file made of the parts
  });

  test('a URL whose time is over meanwhile is signed again', async () => {
    holdAfter(2);
    await begin(page, IN_PARTS);
    await until(page, 'confirmedBytes', PART_BYTES + 7);
    await page.evaluate('running.pause()');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 7_200_000 });
    gated(() => false);
    await page.evaluate('running.resume()');
    const { result } = await outcome(page);
    expect(await redeemed(result?.token)).toBe(DIGEST);
  });

  test('a bucket whose clock takes every URL for old is told, and not asked for ever', async () => {
    gated((_, request, response) => {
      request.resume();
      response
        .writeHead(403)
        .end('<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>');
      return true;
    });
    const { error } = await uploadOn(page, IN_PARTS);
    expect(error).toMatchObject({ code: 'refused', status: 403 });
    expect(Math.max(...[1, 2, 3, 4].map(number => sent.filter(one => one === number).length))).toBe(3);
  });

  test('a claim that is over meanwhile is made anew, and the file sent again', async () => {
    await world.expire();
    const before = await bucket.everything();
    holdAfter(3);
    await begin(page, IN_PARTS);
    await until(page, 'confirmedBytes', 2 * PART_BYTES);
    await page.evaluate('running.pause()');
    expect(await bucket.everything()).not.toEqual(before);
    await world.expire();
    expect(await bucket.everything()).toEqual(before);
    gated(() => false);
    await page.evaluate('running.resume()');
    const { result } = await outcome(page);
    expect(await redeemed(result?.token)).toBe(DIGEST);
  });

  test.each([
    ['HTML in place of signatures', '<p>sign in</p>'],
    ['signatures of nothing', '{"parts":[]}'],
    [
      'a part that leads to a script',
      '{"parts":[{"number":1,"request":{"url":"javascript:1","method":"PUT","headers":{}}}]}',
    ],
  ])('%s', async (_, body) => {
    let claims = 0;
    world.instead = ({ url }, response) => {
      if (url !== '/claims' || claims++ === 0) return false;
      response.writeHead(200).end(body);
      return true;
    };
    const { error } = await uploadOn(page, {
      ...IN_PARTS,
      options: { claim: '/claims', attempts: 2, resumes: false },
    });
    expect(error).toMatchObject({ code: 'unexpected-answer' });
  });
});

describe('it goes on', () => {
  test('after a pause in which parts were being signed', async () => {
    let questions = 0;
    world.instead = ({ url }) => url === '/claims' && ++questions === 2; // it is never answered
    await begin(page, IN_PARTS);
    await vi.waitFor(() => expect(questions).toBe(2)); // the digests are computed before
    await page.evaluate('running.pause()');
    await page.evaluate('running.resume()');
    const { result } = await outcome(page);
    expect(await redeemed(result?.token)).toBe(DIGEST);
  });

  test('after a pause that does not end a question at once', async () => {
    const content = Buffer.alloc(13 * PART_BYTES + 3, 'what a program has, ');
    const signatures: string[] = [];
    const [confirmed, late] = [new Set<number>(), Promise.withResolvers<void>()];
    gated(number => [10, 11, 12].includes(number));
    const running = upload(new File([content], 'a.bin'), {
      ...straight(),
      parts: async (question, { signal }) => {
        signatures.push(String(question.numbers));
        if (signatures.length !== 2) return answered(question);
        await late.promise;
        throw signal.reason;
      },
      onProgress: ({ confirmedBytes }) => confirmed.add(confirmedBytes),
    });
    await vi.waitFor(() => expect([sent.length, signatures[1]]).toEqual([12, '13,14']), PATIENCE);
    running.pause();
    gated(() => false);
    running.resume();
    await vi.waitFor(() => expect(Math.max(...confirmed)).toBeGreaterThanOrEqual(12 * PART_BYTES), PATIENCE);
    late.resolve();
    expect(await redeemed((await running).token)).toBe(createHash('sha256').update(content).digest('hex'));
  });

  test('after a pause, with what the bucket has', async () => {
    holdAfter(2);
    await begin(page, IN_PARTS);
    await until(page, 'confirmedBytes', PART_BYTES + 7);
    await page.evaluate('running.pause()');
    const before = new Set(sent.slice(0, 2));
    sent = [];
    gated(() => false);
    await page.evaluate('running.resume()');
    const { result } = await outcome(page);
    expect(await redeemed(result?.token)).toBe(DIGEST);
    expect(sent.filter(number => before.has(number))).toEqual([]);
  });

  test('after a reload, and is forgotten when it is done', async () => {
    holdAfter(3);
    await begin(page, IN_PARTS);
    await until(page, 'confirmedBytes', 2 * PART_BYTES + 7);
    await visit(page, world.origin);
    const before = new Set(sent.slice(0, 3));
    sent = [];
    world.requests.length = 0;
    gated(() => false);
    const { result } = await uploadOn(page, IN_PARTS);
    expect(await redeemed(result?.token)).toBe(DIGEST);
    expect(sent.filter(number => before.has(number))).toEqual([]);
    expect(sent).toHaveLength(PARTS - 3);
    expect(asked()).toBe(2); // what is stored, and signatures
    sent = [];
    const again = await uploadOn(page, IN_PARTS);
    expect(again.result?.token).not.toBe(result?.token);
    expect(sent).toHaveLength(PARTS);
  });

  test('what the bucket has lost meanwhile is claimed anew after a reload', async () => {
    holdAfter(3);
    await begin(page, IN_PARTS);
    await until(page, 'confirmedBytes', 2 * PART_BYTES + 7);
    await visit(page, world.origin);
    await world.expire();
    sent = [];
    gated(() => false);
    const { result } = await uploadOn(page, IN_PARTS);
    expect(await redeemed(result?.token)).toBe(DIGEST);
    expect(sent).toHaveLength(PARTS);
  });

  test('what is kept and is no claim is claimed anew', async () => {
    holdAfter(3);
    await begin(page, IN_PARTS);
    await until(page, 'confirmedBytes', 2 * PART_BYTES + 7);
    await visit(page, world.origin);
    gated(() => false);
    await rewriteKept(page, '{');
    const { result } = await uploadOn(page, IN_PARTS);
    expect(await redeemed(result?.token)).toBe(DIGEST);
  });

  test('a session that was over loses nothing: signed in again, the upload goes on', async () => {
    holdAfter(3);
    await begin(page, IN_PARTS);
    await until(page, 'confirmedBytes', 2 * PART_BYTES + 7);
    await visit(page, world.origin);
    gated(() => false);
    world.instead = ({ url }, response) => {
      if (url !== '/claims') return false;
      response.writeHead(403).end('{"code":"permission"}');
      return true;
    };
    const { error } = await uploadOn(page, IN_PARTS);
    expect(error).toMatchObject({ code: 'permission', status: 403 });
    world.instead = () => false;
    sent = [];
    const { result } = await uploadOn(page, IN_PARTS);
    expect(await redeemed(result?.token)).toBe(DIGEST);
    expect(sent.length).toBeLessThan(PARTS);
  });

  test('in another user’s session it is claimed anew', async () => {
    holdAfter(3);
    await begin(page, IN_PARTS);
    await until(page, 'confirmedBytes', 2 * PART_BYTES + 7);
    await visit(page, world.origin);
    gated(() => false);
    let questions = 0;
    world.instead = ({ url }, response) => {
      if (url !== '/claims' || questions++ > 0) return false;
      response.writeHead(404).end('{"code":"not-found"}'); // of the token of before
      return true;
    };
    sent = [];
    const { result } = await uploadOn(page, IN_PARTS);
    expect(await redeemed(result?.token)).toBe(DIGEST);
    expect(sent).toHaveLength(PARTS);
  });
});

test('two tabs that upload one file make two uploads', async () => {
  const other = await page.context().newPage();
  await visit(other, world.origin);
  holdAfter(0);
  await begin(page, IN_PARTS);
  await begin(other, IN_PARTS);
  await expect.poll(() => sent.length).toBe(6); // the browser's connections to one host
  gated(() => false);
  for (const tab of [page, other]) await tab.evaluate('running.pause(); running.resume()');
  const [one, two] = [await outcome(page), await outcome(other)];
  expect(one.result?.token).not.toBe(two.result?.token);
  for (const { result } of [one, two]) expect(await redeemed(result?.token)).toBe(DIGEST);
  await other.close();
});

test('an abort leaves nothing, and one that the server is not told of nothing after its time', async () => {
  await world.expire(); // of other tests
  const before = await bucket.everything();
  for (const isTold of [true, false]) {
    holdAfter(2);
    await begin(page, IN_PARTS);
    await until(page, 'confirmedBytes', PART_BYTES + 7);
    expect(await bucket.everything()).not.toEqual(before);
    if (!isTold) world.instead = ({ url }) => url === '/claims';
    await page.evaluate('abort.abort()');
    expect((await outcome(page)).error?.name).toBe('AbortError');
    if (!isTold) await world.expire();
    await expect.poll(() => bucket.everything()).toEqual(before);
  }
});

test('the element sends large files in parts, too', async () => {
  const path = join(world.folder, 'film.bin');
  const digest = await writeRandomFile(path, BYTES);
  await visit(page, world.origin);
  await page.evaluate(
    `import('/element.js').then(() => document.querySelector('main').innerHTML = '<file-upload claim="/claims"></file-upload>')`,
  );
  await page.locator('file-upload input').setInputFiles(path);
  await page.locator('[part=state]').getByText('Uploaded').waitFor();
  expect(sent.toSorted()).toEqual([1, 2, 3, 4, 5]);
  expect(await redeemed(await page.locator('file-upload').evaluate((one: FileUpload) => one.value))).toBe(
    digest,
  );
});

describe('a claim that is over is made anew, and goes another way then', () => {
  const content = Buffer.alloc(PART_BYTES + 3, 'what a program has, ');
  const digest = createHash('sha256').update(content).digest('hex');

  test('by one request after parts', async () => {
    let claims = 0;
    const { token } = await upload(new File([content], 'a.bin'), {
      claim: question =>
        claims++ === 0 ? straight().claim(question) : world.field.claim({ ...question, for: 'ada' }),
      parts: () => new Response('{"code":"intent-lost"}', { status: 410 }),
    });
    expect(claims).toBe(2);
    expect(sent).toEqual([]);
    expect(await redeemed(token)).toBe(digest);
  });

  test('in parts after one request', async () => {
    let [claims, puts] = [0, 0];
    bucket.gate.instead = ({ method, headers }, response) => {
      if (method !== 'PUT' || headers.authorization || puts++ > 0) return false;
      response.writeHead(412).end();
      return true;
    };
    const { token } = await upload(new File([content], 'a.bin'), {
      claim: question =>
        claims++ === 0 ? world.field.claim({ ...question, for: 'ada' }) : straight().claim(question),
      parts: answered,
    });
    expect([claims, puts]).toEqual([2, 3]);
    expect(await redeemed(token)).toBe(digest);
  });
});

test('small files go by one request', async () => {
  const { result } = await uploadOn(page, { text: 'hello', options: { claim: '/claims' } });
  expect(await world.redeem(result?.token)).toBe('hello');
  expect(sent).toEqual([]);
});

test('functions ask the server in the page’s own way', async () => {
  const token = await page.evaluate(async () => {
    const post = (question: object): Promise<Response> =>
      fetch('/claims', { method: 'POST', body: JSON.stringify(question) });
    const { upload } = (globalThis as unknown as { fieldfile: typeof import('../src/index.ts') }).fieldfile;
    const file = new File([new Uint8Array(5 * 1024 ** 2 + 1)], 'a.bin');
    const done = await upload(file, {
      claim: question => post(question),
      parts: async question => (await post(question)).json(),
    });
    const refused = await upload(file, { claim: question => post(question) }).catch(error => error.name);
    return refused === 'TypeError' ? done.token : refused;
  });
  const zeros = createHash('sha256')
    .update(Buffer.alloc(PART_BYTES + 1))
    .digest('hex');
  expect(await redeemed(token)).toBe(zeros);
});

test('without XMLHttpRequest, as on Node', async () => {
  const content = Buffer.alloc(2 * PART_BYTES + 3, 'what a program has, ');
  const confirmed: number[] = [];
  const { token } = await upload(new File([content], 'a.bin'), {
    claim: `${world.origin}/claims`,
    onProgress: ({ confirmedBytes }) => confirmed.push(confirmedBytes),
  });
  expect(await redeemed(token)).toBe(createHash('sha256').update(content).digest('hex'));
  expect(confirmed.at(-1)).toBe(content.byteLength);
  expect(sent.toSorted()).toEqual([1, 2, 3]);
});
