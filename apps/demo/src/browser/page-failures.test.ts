import { readdirSync, rmSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { add, card, type OpenedDemo, openDemo, panel, text, toast } from './open-demo.ts';

let demo: OpenedDemo;

beforeAll(async () => {
  demo = await openDemo();
});

afterAll(() => demo?.[Symbol.asyncDispose]());

/** Removes an object past its row, as somebody does who tidies up a disk. */
function loseObject(name: string): void {
  const media = join(demo.folder, 'media');
  const path = readdirSync(media, { encoding: 'utf8', recursive: true }).find(found => found.endsWith(name));
  rmSync(join(media, path ?? ''));
}

async function withoutDisk(work: () => Promise<void>): Promise<void> {
  await rename(join(demo.folder, 'media'), join(demo.folder, 'away'));
  try {
    await work();
  } finally {
    await rename(join(demo.folder, 'away'), join(demo.folder, 'media'));
  }
}

test.each([
  ['memory', 'Load the rows'],
  ['crash', 'Twenty writers of one name'],
  ['storage', 'Look'],
  ['storage', 'Copy all files'],
])('server gone: the page %s says so after "%s"', async (name, action) => {
  const { page } = await demo.visit();
  await page.goto(`${demo.url}#${name}`);
  const button = page.getByRole('button', { name: action, exact: true });
  await button.waitFor();
  await page.context().setOffline(true);
  await button.click();
  await page.getByText('The server cannot be reached.').first().waitFor();
  await page.context().close();
});

test('server gone: a page that was not looked at before says so, and what is deleted stays', async () => {
  const { page } = await demo.visit();
  await add(page, text('stays.txt', 'It stays.'));
  await card(page, 'stays.txt').click();
  await panel(page).getByText('It stays.').waitFor();
  await page.context().setOffline(true);
  await panel(page).getByRole('button', { name: 'Delete' }).click();
  await toast(page, 'The server cannot be reached.').waitFor();
  expect(await card(page, 'stays.txt').count()).toBe(1);
  await page.getByRole('link', { name: 'Crash' }).click();
  await page.getByRole('alert').getByText('this page could not be loaded').waitFor();
  await page.context().close();
});

test('server gone before all of the page had come: one message says so, and a click brings the rest', async () => {
  const { page } = await demo.visit();
  await add(page, text('early.txt', 'It is early.'));
  await card(page, 'early.txt').waitFor();
  const late = /(?:file-panel|drop-target|tray|toasts)\.ts|panel\.css/;
  await page.route(late, route => route.abort());
  await page.reload();
  await card(page, 'early.txt').click();
  const message = page.getByRole('alert').getByText('parts of this page could not be loaded');
  await message.waitFor();
  expect(await message.count()).toBe(1);
  await page.unroute(late);
  await message.getByText('Try again').click();
  await card(page, 'early.txt').click();
  await panel(page).getByText('It is early.').waitFor();
  expect(await message.count()).toBe(0);
  await page.context().close();
});

test('storage gone: the library, its panel and the storage page say so, and go on when it is back', async () => {
  const { page } = await demo.visit();
  await add(page, text('kept.txt', 'It is kept.'));
  await card(page, 'kept.txt').waitFor();
  await withoutDisk(async () => {
    await card(page, 'kept.txt').click();
    await panel(page).getByRole('alert').waitFor();
    await page.goto(`${demo.url}#storage`);
    await page.getByRole('button', { name: 'Look', exact: true }).click();
    await toast(page, 'The storage').waitFor();
    await page.getByRole('button', { name: 'Copy all files' }).click();
    await page.getByText(/(\d+) of \1 files?, .* 0 verified, 0 there already, [1-9]\d* failed/).waitFor();
  });
  await page.getByRole('button', { name: 'Copy all files' }).click();
  await page.getByText(/[1-9]\d* verified, 0 there already, 0 failed/).waitFor();
  await page.context().close();
});

test('file gone: sweep finds it, a copy fails alone, and a link to it says no more than that', async () => {
  const { page } = await demo.visit();
  await add(page, text('gone.txt', 'It goes.'));
  await card(page, 'gone.txt').click();
  await panel(page).getByRole('button', { name: 'Give a link' }).click();
  const address = /http\S+/.exec(await toast(page, 'A link to').innerText())?.[0] ?? '';
  loseObject('gone.txt');
  expect((await fetch(address)).status).toBe(410);
  await page.goto(`${demo.url}#storage`);
  const sweep = page.getByRole('region', { name: 'Sweep' });
  await sweep.getByRole('button', { name: 'Look' }).click();
  await sweep.getByText('a row names it, and it is not there').waitFor();
  await page.getByRole('button', { name: 'Copy all files' }).click();
  await page.getByText(/, 1 failed/).waitFor();
  await page.context().close();
});

test('row changed by somebody else: who renames or deletes it later is told', async () => {
  const [{ page: ann }, { page: bob }] = await Promise.all([demo.visit(), demo.visit()]);
  await add(ann, text('ours.txt', 'It is ours.'));
  for (const page of [ann, bob]) await card(page, 'ours.txt').click();
  // What Bob sends arrives when somebody else has done something before.
  const id = (await card(bob, 'ours.txt').getAttribute('data-file')) ?? '';
  await bob.route('**/api/library/**', async route => {
    if (route.request().method() === 'PATCH')
      await fetch(`${demo.url}api/library/${id}?version=1`, {
        method: 'PATCH',
        body: JSON.stringify({ title: 'of Ann.txt' }),
      });
    if (route.request().method() === 'DELETE')
      await fetch(`${demo.url}api/library/${id}`, { method: 'DELETE' });
    await route.continue();
  });
  await panel(bob).getByRole('button', { name: 'Rename' }).click();
  await panel(bob).getByLabel('New name').fill('of Bob.txt');
  await bob.keyboard.press('Enter');
  await toast(bob, 'Somebody else changed this file').waitFor();
  await card(bob, 'of Ann.txt').waitFor();
  await panel(bob).getByRole('button', { name: 'Delete' }).click();
  await toast(bob, 'not there any more').waitFor();
  await panel(ann).getByText('This file was deleted.').waitFor();
  for (const page of [ann, bob]) await page.context().close();
});
