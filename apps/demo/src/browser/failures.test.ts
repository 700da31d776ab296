import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { add, card, type GivenFile, type OpenedDemo, objectsIn, openDemo, panel, text } from './open-demo.ts';
import { openPage, PATIENCE_MS, slowDown } from './open-page.ts';
import { startServer } from './start-server.ts';

let demo: OpenedDemo;

beforeAll(async () => {
  demo = await openDemo();
});

afterAll(() => demo?.[Symbol.asyncDispose]());

const large = (name: string): GivenFile => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: randomBytes(12 * 1024 ** 2),
});

/** How many entries the journal of a demo has. */
const pending = async (url: string): Promise<number> => {
  const { journal } = (await (await fetch(`${url}api/storage`)).json()) as {
    readonly journal: readonly unknown[];
  };
  return journal.length;
};

test('an upload that is cancelled, or whose page is closed, leaves nothing', async () => {
  for (const end of [
    (page: Page) => page.getByRole('button', { name: 'Cancel all' }).click(),
    (page: Page) => page.close(),
  ]) {
    const { page } = await demo.visit();
    await slowDown(page);
    await add(page, large('cut.bin'));
    await expect.poll(() => pending(demo.url), { timeout: PATIENCE_MS }).toBe(1);
    await end(page);
    await expect.poll(() => pending(demo.url), { timeout: PATIENCE_MS }).toBe(0);
    expect(objectsIn(demo.folder)).not.toContain('cut.bin');
  }
});

test('the server is killed under an upload: the page says so, and sends it again when the server is back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fieldfile-demo-'));
  const first = await startServer(folder, '0');
  let { child } = first;
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  const { page } = await openPage(demo.browser, first.url);
  const speedUp = await slowDown(page);
  await add(page, large('survivor.bin'));
  await expect.poll(() => pending(first.url), { timeout: PATIENCE_MS }).toBe(1);
  child.kill('SIGKILL');
  await page.getByText('1 file could not be stored').waitFor();
  await page.getByRole('alert').getByText('The server cannot be reached.').waitFor();
  await speedUp();
  ({ child } = await startServer(folder, new URL(first.url).port));
  await card(page, 'survivor.bin').waitFor();
  await expect.poll(() => pending(first.url), { timeout: PATIENCE_MS }).toBe(0);
  expect(objectsIn(folder)).toEqual(['survivor.bin']);

  const exit = once(child, 'exit');
  child.kill('SIGINT');
  expect(await exit).toEqual([0, null]);
});

/** What a browser draws or shows as text, and never runs. */
const SHOWN = /\.(?:png|gif|txt)$/;

test('what could run as a program is kept, and does nothing wherever it is opened', async () => {
  const { page, complaints } = await demo.visit();
  const script = 'document.title = "taken"; alert(1)';
  const hostile = [
    text('page.html', `<script>${script}</script>`, 'text/html'),
    text('drawing.svg', `<svg xmlns="http://www.w3.org/2000/svg" onload='${script}'/>`, 'image/svg+xml'),
    text('program.js', script, 'text/javascript'),
    text('picture.png', `<script>${script}</script>`, 'image/png'),
    text('letter.pdf', '%PDF-1.4 that is none', 'application/pdf'),
    text(
      'program.pdf',
      `%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(${script})>>>>endobj`,
      'application/pdf',
    ),
    text('both.gif', `GIF89a/*<script>${script}</script>*/=1;${script}`, 'image/gif'),
    text('👻 <img src=x onerror=alert(1)>.txt', `<script>${script}</script>`),
    text(
      'page.xhtml',
      `<html xmlns="http://www.w3.org/1999/xhtml"><script>${script}</script></html>`,
      'application/xhtml+xml',
    ),
  ];
  page.on('dialog', () => expect.fail('A script ran.'));
  await add(page, ...hostile);
  for (const { name } of hostile) {
    const id = await card(page, name).getAttribute('data-file');
    const { headers, status } = await page.evaluate(async path => {
      const response = await fetch(path);
      return { status: response.status, headers: Object.fromEntries(response.headers) };
    }, `/files/${id}`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-disposition': expect.stringMatching(SHOWN.test(name) ? /^inline/ : /^attachment/),
    });
    const opened = await page.context().newPage();
    await opened.goto(`${demo.url}files/${id}`).catch(() => {}); // it is saved
    expect(await opened.title()).not.toBe('taken');
    await opened.close();
    await card(page, name).click();
    await panel(page).getByRole('heading', { name }).waitFor();
    await page.keyboard.press('Escape');
  }
  expect(await page.title()).not.toBe('taken');
  expect(complaints).toEqual([]);
});

test('a storage that is gone is said, and what could not be stored is sent again when it is back', async () => {
  const { page } = await demo.visit();
  await add(page, text('before.txt', 'before'));
  await card(page, 'before.txt').waitFor();
  await rename(join(demo.folder, 'media'), join(demo.folder, 'away'));
  await add(page, text('later.txt', 'later'));
  await page.getByText('1 file could not be stored').waitFor();
  await rename(join(demo.folder, 'away'), join(demo.folder, 'media'));
  await page.getByRole('button', { name: 'Try again' }).click();
  await card(page, 'later.txt').waitFor();
});

test('requests of other sites, and by other names of this machine, are refused', async () => {
  const refused = await fetch(`${demo.url}api/library/fs`, {
    method: 'POST',
    headers: { origin: 'https://elsewhere.example' },
    body: new FormData(),
  });
  expect(refused.status).toBe(403);
});
