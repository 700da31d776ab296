import chromium from '@sparticuz/chromium';
import { type Browser, type BrowserContextOptions, chromium as driver, type Page } from 'playwright-core';

/** The Chromium that comes from npm. */
export async function launchBrowser(): Promise<Browser> {
  return driver.launch({
    executablePath: await chromium.executablePath(),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
}

/** A page, and everything on it that nobody should see: what the console says, and requests that go elsewhere. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** A machine that does many things at once takes its time. */
export const PATIENCE_MS = 50_000;

/** A browser that was never here opens the demo. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', message => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', error => complaints.push(String(error)));
  page.on('request', request => {
    if (!request.url().startsWith(url) && !/^(?:data|blob):/.test(request.url()))
      complaints.push(`It asked for ${request.url()}.`);
  });
  await page.goto(url);
  return { page, complaints };
}

/** Sends so slowly that there is time for something to happen. @returns what ends it. */
export async function slowDown(page: Page, bytesPerSecond = 300_000): Promise<() => Promise<unknown>> {
  const session = await page.context().newCDPSession(page);
  const send = (uploadThroughput: number): Promise<unknown> =>
    session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput,
    });
  await send(bytesPerSecond);
  return () => send(-1);
}
