import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { type DemoOptions, startDemo } from '../library/start.ts';
import { launchBrowser, openPage, type WatchedPage } from './open-page.ts';

/** The demo on a folder of its own, and a browser. */
export interface OpenedDemo extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  readonly browser: Browser;
  visit(options?: BrowserContextOptions): Promise<WatchedPage>;
}

export async function openDemo(options: Partial<DemoOptions> = {}): Promise<OpenedDemo> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldfile-demo-'));
  const [browser, demo] = await Promise.all([
    launchBrowser(),
    startDemo({ folder, storages: ['fs', 'memory'], settings: {}, port: 0, samples: false, ...options }),
  ]);
  await demo.complete;
  return {
    url: demo.url,
    folder,
    browser,
    visit: visitor => openPage(browser, demo.url, visitor),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await demo[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

export interface GivenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

export const text = (name: string, content: string, mimeType = 'text/plain'): GivenFile => ({
  name,
  mimeType,
  buffer: Buffer.from(content),
});

export const add = (page: Page, ...files: readonly GivenFile[]): Promise<void> =>
  page.getByLabel('Files to add').setInputFiles([...files]);
export const card = (page: Page, name: string): Locator => page.locator('.card', { hasText: name });
export const panel = (page: Page): Locator => page.getByRole('dialog');
export const toast = (page: Page, words: string): Locator => page.locator('.toast', { hasText: words });

/** All objects of the library on the disk. */
export const objectsIn = (folder: string): string[] =>
  readdirSync(join(folder, 'media'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.parentPath.includes('/library'))
    .map(({ name }) => name);
