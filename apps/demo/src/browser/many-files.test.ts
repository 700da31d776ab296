import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from '@fieldfile/test-servers/load';
import { memoryOf } from '@fieldfile/test-servers/process-memory';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { launchBrowser, openPage } from './open-page.ts';
import { startServer } from './start-server.ts';

const FILES = load({ test: 20, ci: 200, deep: 200 });
const LARGEST_BYTES = load({ test: 1, ci: 50, deep: 50 }) * 1024 ** 2;
const MINUTES = load({ test: 1, ci: 10, deep: 10 });

/** Files from 1 KB to the largest, most of them small, as people's are. */
async function makeFiles(folder: string): Promise<readonly string[]> {
  const paths: string[] = [];
  for (let index = 0; index < FILES; index++) {
    const bytes = Math.round(1024 * (LARGEST_BYTES / 1024) ** (index / (FILES - 1)));
    const path = join(folder, `${String(index).padStart(3, '0')}.bin`);
    await writeFile(path, randomBytes(bytes));
    paths.push(path);
  }
  return paths;
}

/** The longest task of the page's main thread from now on, in milliseconds. */
const watchTasks = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const seen = globalThis as unknown as { longestTask: number };
    seen.longestTask = 0;
    new PerformanceObserver(list => {
      for (const { duration } of list.getEntries()) seen.longestTask = Math.max(seen.longestTask, duration);
    }).observe({ type: 'longtask' });
  });

test(`${FILES} files that are added at once all arrive, and neither server nor page suffers`, {
  timeout: MINUTES * 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fieldfile-many-'));
  const [browser, { url, child }] = await Promise.all([
    launchBrowser(),
    startServer(join(folder, 'demo'), '0'),
  ]);
  onTestFinished(async () => {
    await browser.close();
    const exit = once(child, 'exit');
    child.kill();
    await exit;
    await rm(folder, { recursive: true });
  });
  const paths = await makeFiles(folder);
  const { page, complaints } = await openPage(browser, url);
  await watchTasks(page);
  const pid = child.pid ?? expect.fail();
  const { now: before } = await memoryOf(pid);

  await page.getByLabel('Files to add').setInputFiles([...paths]);
  await page.getByText(`${FILES} files stored`).waitFor({ timeout: MINUTES * 55_000 });
  expect(await page.locator('.card').count()).toBe(FILES);
  const longest = await page.evaluate(() => (globalThis as unknown as { longestTask: number }).longestTask);
  const grownMiB = ((await memoryOf(pid)).most - before) / 1024 ** 2;
  if (FILES > 100)
    console.log(`RSS grew by ${grownMiB.toFixed(0)} MiB; the longest task took ${longest} ms.`);
  expect(grownMiB).toBeLessThan(96);
  expect(complaints).toEqual([]);
});
