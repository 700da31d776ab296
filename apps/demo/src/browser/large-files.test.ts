import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startS3Server } from '@fieldfile/test-servers/s3';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startFront } from './front.ts';
import { card, type OpenedDemo, objectsIn, openDemo } from './open-demo.ts';
import { PATIENCE_MS, slowDown } from './open-page.ts';
import { type Server, type ServerOptions, startServer } from './start-server.ts';

const MIB = 1024 ** 2;

/** Twenty megabytes go in parts or piece by piece. */
const film = { name: 'film.bin', buffer: randomBytes(20 * MIB) };

let demo: OpenedDemo;

beforeAll(async () => {
  demo = await openDemo();
});

afterAll(() => demo?.[Symbol.asyncDispose]());

/** Where in the file each piece begins that a page has sent. */
function offsetsOf(page: Page): readonly number[] {
  const offsets: number[] = [];
  page.on('request', request => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
  });
  return offsets;
}

/** The numbers of the parts that a page has sent to a bucket. */
function partsOf(page: Page): readonly number[] {
  const numbers: number[] = [];
  page.on('request', request => {
    if (request.method() === 'PUT') numbers.push(Number(/partNumber=(\d+)/.exec(request.url())?.[1]));
  });
  return numbers;
}

const uploadsOf = (page: Page) => page.getByRole('region', { name: 'Uploads' });

async function expectTheFile(page: Page, url: string): Promise<void> {
  const id = await card(page, film.name).getAttribute('data-file');
  const got = await (await fetch(`${url}files/${id}`)).arrayBuffer();
  expect(Buffer.from(got).equals(film.buffer)).toBe(true);
}

test('a large file is held up, and goes on where it was', async () => {
  const { page, complaints } = await demo.visit();
  const offsets = offsetsOf(page);
  const speedUp = await slowDown(page, 4 * MIB);
  await choose(page, 'fs', await filmAs(film.name));
  await expect.poll(() => offsets.length, { timeout: PATIENCE_MS }).toBe(2);
  await page.getByRole('button', { name: 'Pause film.bin' }).click();
  await speedUp();
  await page.getByRole('button', { name: 'Go on with film.bin' }).click();
  await card(page, film.name).waitFor();
  await expectTheFile(page, demo.url);
  expect(offsets[2]).toBeGreaterThanOrEqual(8 * MIB);
  expect(objectsIn(demo.folder)).toEqual([film.name]);
  expect(complaints).toEqual([]);
});

test('one that is cancelled leaves nothing', async () => {
  const { page } = await demo.visit();
  const offsets = offsetsOf(page);
  await slowDown(page, 4 * MIB);
  const before = objectsIn(demo.folder);
  await choose(page, 'fs', await filmAs('cancelled.bin'));
  await expect.poll(() => offsets.length, { timeout: PATIENCE_MS }).toBe(2);
  await page.getByRole('button', { name: 'Cancel cancelled.bin' }).click();
  await uploadsOf(page).getByText('Cancelled').waitFor();
  await expect.poll(() => objectsIn(demo.folder), { timeout: PATIENCE_MS }).toEqual(before);
});

/** A way that large files take, the shelf that has it, and where its objects are. */
interface Way {
  readonly shelf: string;
  readonly options: ServerOptions;
  /** What of the file a page sends: where a piece begins, or the number of a part. */
  sent(page: Page): readonly number[];
  /** Lets the page send some of it, and no more. @returns once the storage has that. */
  sendSome(page: Page, begin: () => Promise<unknown>): Promise<void>;
}

const pieces: Way = {
  shelf: 'fs',
  options: {},
  sent: offsetsOf,
  async sendSome(page, begin) {
    const offsets = offsetsOf(page);
    await slowDown(page, 4 * MIB);
    await begin();
    await expect.poll(() => offsets.length, { timeout: PATIENCE_MS }).toBe(2);
  },
};

/** A bucket that is there before and after the demo. */
async function parts(): Promise<Way> {
  const server = await startS3Server({ buckets: ['media'], allowsPages: true });
  onTestFinished(() => server.close());
  return {
    shelf: 's3',
    options: {
      only: 'fs,s3',
      environment: {
        FIELDFILE_DEMO_S3_BUCKET: 'media',
        FIELDFILE_DEMO_S3_ENDPOINT: server.endpoint,
        FIELDFILE_DEMO_S3_REGION: server.region,
        AWS_ACCESS_KEY_ID: server.accessKeyId,
        AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
      },
    },
    sent: partsOf,
    async sendSome(page, begin) {
      // It never arrives. One that was only held would be let go with the page.
      await page.route(/partNumber=3/, route => route.abort());
      const stored = [1, 2].map(number =>
        page.waitForResponse(
          response =>
            response.url().includes(`partNumber=${number}`) && response.request().method() === 'PUT',
        ),
      );
      await begin();
      await Promise.all(stored);
    },
  };
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldfile-demo-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The film on the disk: with a date, by which it is known again. @returns where. */
async function filmAs(name: string): Promise<string> {
  const path = join(await newFolder(), name);
  await writeFile(path, film.buffer);
  return path;
}

async function serverOn(folder: string, port: string, options: ServerOptions): Promise<Server> {
  const server = await startServer(folder, port, options);
  onTestFinished(async () => {
    const exit = once(server.child, 'exit');
    if (server.child.kill('SIGKILL')) await exit;
  });
  return server;
}

async function choose(page: Page, shelf: string, path: string): Promise<void> {
  await page.getByLabel('Where added files go').selectOption(shelf);
  await page.getByLabel('Files to add').setInputFiles(path);
}

describe.each([
  ['piece by piece', async () => pieces],
  ['in parts to the storage', parts],
])('%s', (words, wayOf) => {
  test('the server is killed, the tab is closed, and another server goes on where the first one was', async () => {
    const way = await wayOf();
    const [folder, path] = [await newFolder(), await filmAs(film.name)];
    const first = await serverOn(folder, '0', way.options);
    const context = await demo.browser.newContext({ reducedMotion: 'reduce' });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(first.url);
    await way.sendSome(page, () => choose(page, way.shelf, path));
    await uploadsOf(page).getByText(words).waitFor();
    first.child.kill('SIGKILL');
    await page.close();
    await serverOn(folder, new URL(first.url).port, way.options);
    const again = await context.newPage();
    await again.goto(first.url);
    const after = way.sent(again);
    await choose(again, way.shelf, path);
    await card(again, film.name).waitFor();
    await expectTheFile(again, first.url);
    expect(after[0]).toBeGreaterThan(0);
    if (words !== 'piece by piece') expect(after).toEqual([3]);
    else expect(objectsIn(folder)).toEqual([film.name]);
  });

  test('another replica, beside the first one, takes over in the middle', async () => {
    const way = await wayOf();
    const [folder, path] = [await newFolder(), await filmAs(film.name)];
    const replicas = [await serverOn(folder, '0', way.options), await serverOn(folder, '0', way.options)];
    const [first = '', second = ''] = replicas.map(({ url }) => url);
    await using front = await startFront(first);
    const context = await demo.browser.newContext({ reducedMotion: 'reduce' });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(front.url);
    await way.sendSome(page, () => choose(page, way.shelf, path));
    await page.getByRole('button', { name: `Pause ${film.name}` }).click();
    front.use(second);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.getByRole('button', { name: `Go on with ${film.name}` }).click();
    await card(page, film.name).waitFor();
    await expectTheFile(page, front.url);
    const uploaded = `POST /api/library/${way.shelf}/uploaded`;
    expect(front.asked(first)).not.toContain(uploaded);
    expect(front.asked(second)).toContain(uploaded);
    expect(front.asked(second).filter(asked => /claims|PATCH/.test(asked))).not.toEqual([]);
    expect(replicas.map(({ child }) => child.exitCode)).toEqual([null, null]);
  });
});

test('to a session of Google Cloud Storage, held up in the middle', async () => {
  await using other = await openDemo({ storages: ['fs', 'gcs'] });
  const { page, complaints } = await other.visit();
  const ranges: (string | undefined)[] = [];
  page.on('request', request => {
    if (request.method() === 'PUT') ranges.push(request.headers()['content-range']);
  });
  const speedUp = await slowDown(page, 4 * MIB);
  await choose(page, 'gcs', await filmAs(film.name));
  await expect.poll(() => ranges.length, { timeout: PATIENCE_MS }).toBe(1);
  await uploadsOf(page).getByText('straight to the storage').waitFor();
  await page.getByRole('button', { name: 'Pause film.bin' }).click();
  await speedUp();
  await page.getByRole('button', { name: 'Go on with film.bin' }).click();
  await card(page, film.name).waitFor();
  await expectTheFile(page, other.url);
  const size = film.buffer.byteLength;
  expect(ranges).toEqual([`bytes 0-${size - 1}/${size}`, expect.stringMatching(/^bytes \d+-/)]);
  expect(complaints.filter(complaint => !complaint.includes('upload_id='))).toEqual([]);
});

test('to a bucket that this application has started itself', async () => {
  await using other = await openDemo({ storages: ['fs', 's3'] });
  const { page, complaints } = await other.visit();
  const numbers = partsOf(page);
  await choose(page, 's3', await filmAs(film.name));
  await card(page, film.name).waitFor();
  await expectTheFile(page, other.url);
  expect(numbers.toSorted()).toEqual([1, 2, 3]);
  expect(complaints.filter(complaint => !complaint.includes('partNumber='))).toEqual([]);
});
