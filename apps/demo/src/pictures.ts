import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { launchBrowser, openPage } from './browser/open-page.ts';
import { startDemo } from './library/start.ts';

// Makes the README's pictures of the demo anew: npm run demo:pictures

const FOLDER = fileURLToPath(new URL('../../../docs/pictures/', import.meta.url));

/** What each page shows when its picture is taken. */
const PAGES: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  library: async page => {
    await page.locator('.card', { hasText: 'Northern night' }).waitFor();
    await page.locator('.thumbnail .blur').first().waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.querySelectorAll('.blur').length === 0);
  },
  memory: async page => {
    await page.getByRole('button', { name: 'Load the rows' }).click();
    await page.getByText('Done.').waitFor();
  },
  crash: async page => {
    await page.getByRole('button', { name: /Kill it at: Commit/ }).click();
    await page.getByText('Row and object agree.').waitFor();
  },
};

const folder = await mkdtemp(join(tmpdir(), 'fieldfile-pictures-'));
const options = { folder, storages: ['fs', 'memory'], settings: {}, port: 0, samples: true } as const;
try {
  await using demo = await startDemo(options);
  await using browser = await launchBrowser();
  await mkdir(FOLDER, { recursive: true });
  for (const [name, show] of Object.entries(PAGES)) {
    const { page } = await openPage(browser, `${demo.url}#${name}`, {
      viewport: { width: 1180, height: name === 'library' ? 720 : 860 },
      colorScheme: name === 'crash' ? 'dark' : 'light',
    });
    page.setDefaultTimeout(180_000);
    await show(page);
    const picture = await sharp(await page.screenshot())
      .webp({ quality: 82 })
      .toBuffer();
    await writeFile(join(FOLDER, `${name}.webp`), picture);
    console.log(`${name}.webp: ${Math.round(picture.byteLength / 1024)} KB`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
