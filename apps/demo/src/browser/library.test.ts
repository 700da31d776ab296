import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { add, card, type OpenedDemo, objectsIn, openDemo, panel, text, toast } from './open-demo.ts';

let demo: OpenedDemo;

beforeAll(async () => {
  demo = await openDemo();
});

afterAll(() => demo?.[Symbol.asyncDispose]());

test('a file is added, looked at, renamed, downloaded, deleted, brought back and copied to another storage', async () => {
  const { page, complaints } = await demo.visit();
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
  expect(objectsIn(demo.folder)).toContain('hello.txt'); // the journal keeps it for a while
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
  const [{ page: ann }, { page: bob }] = await Promise.all([demo.visit(), demo.visit()]);
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
  expect(objectsIn(demo.folder)).not.toContain('b.txt');
  await toast(bob, 'Theirs was kept').getByRole('button', { name: 'Add mine' }).click();
  await panel(bob).getByRole('button', { name: 'Close' }).click();
  await card(ann, 'b.txt').waitFor();
});

test('what is damaged or gone on the storage is said, and the page goes on', async () => {
  const { page } = await demo.visit();
  await add(page, { name: 'lost.bin', mimeType: 'application/octet-stream', buffer: randomBytes(100) });
  await card(page, 'lost.bin').waitFor();
  const path = readdirSync(join(demo.folder, 'media'), { encoding: 'utf8', recursive: true }).find(name =>
    name.endsWith('lost.bin'),
  );
  rmSync(join(demo.folder, 'media', path ?? ''));
  await card(page, 'lost.bin').click();
  await panel(page).getByText('This file is not there any more.').waitFor();
  await panel(page).getByRole('button', { name: 'Delete' }).click();
  await card(page, 'lost.bin').waitFor({ state: 'detached' });
});

test('files are dropped anywhere, to the storage that is chosen, and found by kind, storage and order', async () => {
  const { page, complaints } = await demo.visit();
  await page.getByLabel('Where added files go').selectOption('memory');
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    for (const [name, bytes] of [
      ['small.csv', 10],
      ['large.csv', 5000],
    ] as const)
      dataTransfer.items.add(new File([new Uint8Array(bytes)], name, { type: 'text/csv' }));
    for (const type of ['dragover', 'drop'])
      dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  });
  await card(page, 'small.csv').waitFor();
  await card(page, 'large.csv').waitFor();
  await page.getByLabel('Kind').selectOption('document');
  await page.getByLabel('Storage', { exact: true }).selectOption('memory');
  await page.getByLabel('Search by name').fill('csv');
  for (const [order, first] of [
    ['largest', 'large.csv'],
    ['name', 'large.csv'],
    ['oldest', /csv/],
  ] as const) {
    await page.getByLabel('Order').selectOption(order);
    await page.locator('.card').first().filter({ hasText: first }).waitFor();
  }
  expect(await page.locator('.card').count()).toBe(2);

  await card(page, 'large.csv').click();
  const url = await panel(page).getByRole('link', { name: 'Open' }).getAttribute('href');
  const signed = new URL(url ?? '', demo.url).href;
  expect((await fetch(signed)).status).toBe(200);
  expect((await fetch(signed.replace(/.$/, end => (end === 'A' ? 'B' : 'A')))).status).toBe(403);
  expect(complaints).toEqual([]);
});
