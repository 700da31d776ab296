import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { S3Storage } from '@fieldfile/s3';
import { type S3Server, startS3Server } from '@fieldfile/test-servers/s3';
import type { AwsS3Options } from '@uppy/aws-s3';
import type Uppy from '@uppy/core';
import type { Browser, Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launch, lettersOf, open } from './browser.ts';
import { startWorld, type World } from './world.ts';

// Clients as npm has them, not modified, in a real browser: Uppy 6 and tus-js-client 4.

const MEBIBYTE = 1024 ** 2;
/** Two parts of 5 MiB as Uppy cuts them, and a rest. */
const SIZE = 11 * MEBIBYTE;

let browser: Browser;
let server: S3Server;
let onS3: World;
let onDisk: World;
let script: string;
let page: Page;
beforeAll(async () => {
  browser = await launch();
  script = await clients();
  server = await startS3Server({ buckets: ['media'], allowsPages: true });
  const { region: regionName, accessKeyId: accessKey, secretAccessKey: secretKey } = server;
  const place = { bucketName: 'media', endpointUrl: server.endpoint, regionName, accessKey, secretKey };
  onS3 = await startWorld(() => new S3Storage(place));
  onDisk = await startWorld();
});
afterEach(async () => {
  await page?.close();
  for (const world of [onS3, onDisk]) {
    world.instead = () => false;
    world.requests.length = 0;
  }
});
afterAll(async () => {
  await browser?.close();
  await onS3?.[Symbol.asyncDispose]();
  await onDisk?.[Symbol.asyncDispose]();
  await server?.close();
});

async function clients(): Promise<string> {
  await using bundle = await rolldown({
    input: join(import.meta.dirname, 'uppy-page.ts'),
    platform: 'browser',
    logLevel: 'silent',
  });
  const { output } = await bundle.generate({ format: 'iife' });
  return output[0].code;
}

async function visitWith(world: World): Promise<void> {
  page = await open(browser, world.origin);
  await page.addScriptTag({ content: script });
}

interface Outcome {
  readonly successful: readonly {
    readonly uploadURL: string;
    readonly body: Readonly<Record<string, string>>;
  }[];
  readonly failed: readonly string[];
}

type Plugin = 'AwsS3' | 'Tus' | 'XHRUpload';

interface Clients extends Record<Plugin, Parameters<Uppy['use']>[0]> {
  readonly Uppy: typeof Uppy;
}

/** Begins an upload on the page, which has Uppy as `uppy`, and what comes of it as `outcome`. */
async function begin(
  plugin: Plugin,
  bytes: number,
  options: object,
  { tellsSize = false } = {},
): Promise<void> {
  await page.evaluate(
    ({ plugin, bytes, options, tellsSize }) => {
      const { clients } = globalThis as unknown as { readonly clients: Clients };
      const letters = new Uint8Array(bytes);
      for (let at = 0; at < letters.length; at++) letters[at] = 97 + (((at >> 10) * 7 + at) % 26);
      const uppy = new clients.Uppy();
      uppy.use(clients[plugin], options as never);
      if (tellsSize) uppy.on('file-added', ({ id, size }) => uppy.setFileMeta(id, { sizeBytes: size }));
      const name = 'ä b.txt';
      uppy.addFile({ name, type: 'text/plain', data: new File([letters], name, { type: 'text/plain' }) });
      const outcome = uppy.upload().then(result => ({
        successful: (result?.successful ?? []).map(({ uploadURL, response }) => ({
          uploadURL,
          body: JSON.parse(JSON.stringify(response?.body ?? {})),
        })),
        failed: (result?.failed ?? []).map(({ error }) => String(error)),
      }));
      Object.assign(globalThis, { uppy, outcome });
    },
    { plugin, bytes, options, tellsSize },
  );
}

const outcome = (): Promise<Outcome> =>
  page.evaluate(() => (globalThis as unknown as { readonly outcome: Promise<Outcome> }).outcome);

async function upload(...told: Parameters<typeof begin>): Promise<Outcome> {
  await begin(...told);
  return outcome();
}

/** Waits until Uppy has asked for something. */
const isAsked = (end: string): Promise<void> =>
  expect.poll(() => onS3.requests.some(request => request.endsWith(end)), { timeout: 30_000 }).toBe(true);

const sha256 = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');

async function expectKept(world: World, { successful, failed }: Outcome, bytes: number): Promise<void> {
  expect(failed).toEqual([]);
  const [{ uploadURL, body } = { uploadURL: '', body: {} }] = successful;
  expect(uploadURL.split('/').at(-1)).toBe(body.key);
  expect(await world.redeemedDigest(body.key)).toBe(sha256(lettersOf(bytes)));
}

/** Objects, and uploads in the bucket that are not complete. */
async function everything(): Promise<readonly string[]> {
  const { region, accessKeyId, secretAccessKey, endpoint } = server;
  const client = new S3Client({
    region,
    endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'media' }));
  client.destroy();
  const names = await Array.fromAsync(onS3.storage.list(), ({ name }) => String(name));
  return [...names, ...Uploads.map(({ Key }) => `an upload of ${Key}`)];
}

const PARTS = { companionEndpoint: '/uppy', shouldUseMultipart: true } satisfies Partial<
  AwsS3Options<never, never>
>;

describe('@uppy/aws-s3', () => {
  test.each([false, true])(
    'in parts, straight to a bucket of another origin; the size is told: %s',
    async tellsSize => {
      await visitWith(onS3);
      await expectKept(onS3, await upload('AwsS3', SIZE, PARTS, { tellsSize }), SIZE);
      const paths = onS3.requests.map(request => request.replace(/[\w-]+\.[\w-]+/, ':id'));
      expect(paths.filter(path => path.includes('/uppy/'))).toEqual([
        'POST /uppy/s3/multipart',
        ...[1, 2, 3].map(number => `GET /uppy/s3/multipart/:id/${number}`),
        'POST /uppy/s3/multipart/:id/complete',
      ]);
    },
  );

  test.each([0, 1, 100_000])('in one form, of %i bytes', async bytes => {
    for (const world of [onS3, onDisk]) {
      await visitWith(world);
      const told = { companionEndpoint: '/uppy' };
      await expectKept(world, await upload('AwsS3', bytes, told), bytes);
      await page.close();
    }
  });

  test('a form whose answer was lost is sent again', async () => {
    await visitWith(onDisk);
    let lost = 0;
    onDisk.instead = ({ method, url }, response) => {
      if (method === 'POST' && url === '/uppy/s3/form' && lost++ === 0)
        response.writeHead = () => response.destroy() as never;
      return false;
    };
    await expectKept(onDisk, await upload('AwsS3', 50_000, { companionEndpoint: '/uppy' }), 50_000);
    expect(lost).toBe(2);
  });

  test('goes on after a pause, with the parts that are there', async () => {
    await visitWith(onS3);
    let held = true;
    onS3.instead = ({ url }) => held && url?.includes('/3?') === true; // never answered
    await begin('AwsS3', SIZE, PARTS);
    await isAsked('/3');
    await page.evaluate('uppy.pauseAll()');
    held = false;
    onS3.requests.length = 0;
    await page.evaluate('uppy.resumeAll()');
    await expectKept(onS3, await outcome(), SIZE);
    expect(onS3.requests.filter(request => request.endsWith('/1'))).toEqual([]);
  });

  test('a cancel leaves nothing', async () => {
    await visitWith(onS3);
    const before = await everything();
    onS3.instead = ({ url }) => url?.includes('/3?') === true;
    await begin('AwsS3', SIZE, PARTS);
    await isAsked('/3');
    expect(await everything()).toHaveLength(before.length + 1); // the upload; no listing shows what holds the name
    await page.evaluate('uppy.cancelAll()');
    await expect.poll(everything, { timeout: 30_000 }).toEqual(before);
  });

  test('a completion whose answer was lost is asked for again, and makes one file', async () => {
    await visitWith(onS3);
    const before = await everything();
    let failures = 0;
    onS3.instead = ({ url }, response) => {
      if (!url?.includes('/complete') || failures++ > 0) return false;
      const write = response.writeHead.bind(response);
      response.writeHead = (() => write(500)) as never; // once it is done
      return false;
    };
    expect((await upload('AwsS3', SIZE, PARTS)).failed).toHaveLength(1);
    onS3.requests.length = 0;
    await page.evaluate(`outcome = uppy.retryAll().then(({ successful, failed }) => ({
      successful: successful.map(({ uploadURL, response: { body } }) => ({ uploadURL, body })), failed }))`);
    await expectKept(onS3, await outcome(), SIZE);
    expect(onS3.requests.filter(request => request.startsWith('POST'))).toHaveLength(1);
    expect(await everything()).toHaveLength(before.length + 1);
  });

  test('on a storage that signs no parts it fails at once', async () => {
    await visitWith(onDisk);
    const { failed } = await upload('AwsS3', SIZE, PARTS);
    expect(failed).toHaveLength(1);
  });
});

describe('@uppy/tus', () => {
  test.each([{}, { chunkSize: 3 * MEBIBYTE }])('%o', async options => {
    for (const world of [onS3, onDisk]) {
      await visitWith(world);
      const { successful, failed } = await upload('Tus', SIZE, { endpoint: '/resumable/', ...options });
      expect(failed).toEqual([]);
      const token = successful[0]?.uploadURL.split('/').at(-1);
      expect(await world.redeemedDigest(token)).toBe(sha256(lettersOf(SIZE)));
      await page.close();
    }
  });
});

test('@uppy/xhr-upload', async () => {
  await visitWith(onDisk);
  for (const formData of [true, false]) {
    const { successful, failed } = await upload('XHRUpload', 100_000, { endpoint: '/received', formData });
    expect(failed).toEqual([]);
    expect(successful[0]?.body.text).toBe(lettersOf(100_000));
  }
});

test('tus-js-client', async () => {
  await visitWith(onS3);
  const url = await page.evaluate(async bytes => {
    const { tus } = (
      globalThis as unknown as { readonly clients: { readonly tus: typeof import('tus-js-client') } }
    ).clients;
    const letters = new Uint8Array(bytes);
    for (let at = 0; at < letters.length; at++) letters[at] = 97 + (((at >> 10) * 7 + at) % 26);
    return new Promise<string>((resolve, reject) => {
      const one = new tus.Upload(new File([letters], 'a.txt'), {
        endpoint: '/resumable/',
        metadata: { filename: 'a.txt', filetype: 'text/plain' },
        onSuccess: () => resolve(one.url ?? ''),
        onError: reject,
      });
      one.start();
    });
  }, SIZE);
  expect(await onS3.redeemedDigest(url.split('/').at(-1))).toBe(sha256(lettersOf(SIZE)));
});

test('the clients are those of npm', () => {
  const root = join(import.meta.dirname, '../../../node_modules');
  const major = (name: string): string =>
    JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8')).version.split('.')[0];
  expect(['@uppy/core', '@uppy/aws-s3', '@uppy/tus', '@uppy/xhr-upload', 'tus-js-client'].map(major)).toEqual(
    ['6', '6', '6', '6', '4'],
  );
});
