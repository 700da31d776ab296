import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Demo, startDemo } from '../library/start.ts';
import { launchBrowser, openPage, type WatchedPage } from './open-page.ts';

let browser: Browser;
let folder: string;
let demo: Demo;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fieldfile-demo-'));
  [browser, demo] = await Promise.all([
    launchBrowser(),
    startDemo({ folder, storages: ['fs', 'memory'], settings: {}, port: 0, samples: false }),
  ]);
  await demo.complete;
});

afterAll(async () => {
  await browser?.close();
  await demo?.[Symbol.asyncDispose]();
  if (folder) await rm(folder, { recursive: true });
});

const visit = (): Promise<WatchedPage> => openPage(browser, demo.url);

interface GivenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

const text = (name: string, content: string): GivenFile => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.from(content),
});

const add = (page: Page, ...files: readonly GivenFile[]): Promise<void> =>
  page.getByLabel('Files to add').setInputFiles([...files]);
const card = (page: Page, name: string) => page.locator('.card', { hasText: name });
const panel = (page: Page) => page.getByRole('dialog');
const toast = (page: Page, words: string) => page.locator('.toast', { hasText: words });

/** All objects on the disk. */
const objects = (): string[] =>
  readdirSync(join(folder, 'media/library'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ name }) => name);

test('a file is added, looked at, renamed, downloaded, deleted, brought back and copied to another storage', async () => {
  const { page, complaints } = await visit();
  await add(page, text('hello.txt', 'Hello, library!'));
  await card(page, 'hello.txt').click();
  await panel(page).getByText('Hello, library!').waitFor();
  expect(await panel(page).locator('dd').allInnerTexts()).toContain('text/plain');

  await panel(page).getByRole('button', { name: 'Rename' }).click();
  await panel(page).getByLabel('New name').fill('مرحبا 👋.txt');
  await page.keyboard.press('Enter');
  await panel(page).getByRole('heading', { name: 'مرحبا 👋.txt' }).waitFor();

  const download = page.waitForEvent('download');
  await panel(page).getByRole('link', { name: 'Download' }).click();
  expect((await download).suggestedFilename()).toBe('مرحبا 👋.txt');

  await panel(page).getByRole('button', { name: 'Delete' }).click();
  await card(page, 'مرحبا').waitFor({ state: 'detached' });
  expect(objects()).toContain('hello.txt'); // the journal keeps it for a while
  await toast(page, 'was deleted').getByRole('button', { name: 'Undo' }).click();
  await card(page, 'مرحبا').click();
  await panel(page).getByText('Hello, library!').waitFor();

  await panel(page).getByLabel('Copy to another storage').selectOption('memory');
  await toast(page, 'was copied').waitFor();
  await page.keyboard.press('Escape');
  await page.getByLabel('Storage', { exact: true }).selectOption('memory');
  await card(page, 'مرحبا').click();
  await panel(page).getByText('Hello, library!').waitFor();
  expect(complaints).toEqual([]);
});

test('two people see what the other does, and of two who replace one file one wins and the other is told', async () => {
  const [{ page: ann }, { page: bob }] = await Promise.all([visit(), visit()]);
  await add(ann, text('shared.txt', 'the first'));
  await card(ann, 'shared.txt').click();
  await card(bob, 'shared.txt').click();
  // What Bob sends arrives when Ann has done the same.
  const { promise: annIsDone, resolve: done } = Promise.withResolvers<void>();
  await bob.route('**/content?*', route => annIsDone.then(() => route.continue()));
  await panel(bob).getByLabel('New content').setInputFiles(text('b.txt', 'of Bob'));
  await panel(ann).getByLabel('New content').setInputFiles(text('a.txt', 'of Ann'));
  await panel(bob).getByText('of Ann').waitFor();
  done();
  await toast(bob, 'Theirs was kept').waitFor();
  expect(objects()).not.toContain('b.txt');
  await toast(bob, 'Theirs was kept').getByRole('button', { name: 'Add mine' }).click();
  await panel(bob).getByRole('button', { name: 'Close' }).click();
  await card(ann, 'b.txt').waitFor();
});

test('what is damaged or gone on the storage is said, and the page goes on', async () => {
  const { page } = await visit();
  await add(page, { name: 'lost.bin', mimeType: 'application/octet-stream', buffer: randomBytes(100) });
  await card(page, 'lost.bin').waitFor();
  const path = readdirSync(join(folder, 'media'), { encoding: 'utf8', recursive: true }).find(name =>
    name.endsWith('lost.bin'),
  );
  rmSync(join(folder, 'media', path ?? ''));
  await card(page, 'lost.bin').click();
  await panel(page).getByText('This file is not there any more.').waitFor();
  await panel(page).getByRole('button', { name: 'Delete' }).click();
  await card(page, 'lost.bin').waitFor({ state: 'detached' });
});
