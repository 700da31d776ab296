import chromium from '@sparticuz/chromium';
import { type Browser, chromium as driver, type Page } from 'playwright-core';
import type * as Fieldfile from '../src/index.ts';

/** The Chromium that comes from npm. */
export async function launch(): Promise<Browser> {
  return driver.launch({
    executablePath: await chromium.executablePath(),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
}

/** A page on which the package is loaded, as `fieldfile`. */
export async function open(browser: Browser, origin: string): Promise<Page> {
  const context = await browser.newContext();
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  await visit(page, origin);
  return page;
}

export async function visit(page: Page, origin: string): Promise<void> {
  await page.goto(origin);
  await page.waitForFunction(() => 'fieldfile' in globalThis);
}

/** Opens a page on which the user has chosen a file. */
export async function choose(page: Page, origin: string, path: string): Promise<void> {
  await visit(page, origin);
  await page.evaluate(() => document.querySelector('main')?.append(document.createElement('input')));
  await page.locator('input').evaluate(input => input.setAttribute('type', 'file'));
  await page.locator('input').setInputFiles(path);
}

type Options = Parameters<typeof Fieldfile.upload>[1];

/** How an upload is told to the page: what can be said as JSON. */
export interface Told {
  readonly text?: string;
  readonly bytes?: number;
  /** The file that was chosen, in place of one with that content. */
  readonly chosen?: boolean;
  readonly options: Record<string, unknown>;
}

/** What a page uploads as so many bytes. No part of it is like another. */
export function lettersOf(bytes: number): string {
  const letters = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at++) letters[at] = 97 + (((at >> 10) * 7 + at) % 26);
  return letters.toString('latin1');
}

export interface Outcome {
  readonly result?: { readonly token?: string; readonly answer?: unknown };
  readonly error?: {
    readonly name: string;
    readonly code?: string;
    readonly status?: number;
    readonly retryable?: boolean;
    readonly retryAfterSeconds?: number;
  };
  readonly progress: readonly Fieldfile.Progress[];
}

declare const fieldfile: typeof Fieldfile;

/** Begins an upload on the page, which has it as `running` and ends it with `abort.abort()`. */
export async function begin(page: Page, { text = '', bytes, chosen, options }: Told): Promise<void> {
  await page.evaluate(
    async ({ text, bytes, chosen, options }) => {
      const letters = new Uint8Array(bytes ?? 0);
      for (let at = 0; at < letters.length; at++) letters[at] = 97 + (((at >> 10) * 7 + at) % 26);
      const made = new File([bytes === undefined ? text : letters], 'ä b.txt', {
        type: 'text/plain',
        lastModified: 1,
      });
      const file = chosen ? (document.querySelector('input')?.files?.[0] ?? made) : made;
      const abort = new AbortController();
      const progress: Fieldfile.Progress[] = [];
      const running = fieldfile.upload(file, {
        backOffSeconds: 0.01,
        ...options,
        signal: abort.signal,
        onProgress: (one: Fieldfile.Progress) => progress.push(one),
      } as unknown as Extract<Options, { claim: unknown }>);
      const outcome = running.then(
        result => ({ result, progress }),
        ({ name, code, status, retryable, retryAfterSeconds }) => ({
          error: { name, code, status, retryable, retryAfterSeconds },
          progress,
        }),
      );
      Object.assign(globalThis, { abort, running, outcome, progress });
    },
    { text, bytes, chosen, options },
  );
}

export const outcome = (page: Page): Promise<Outcome> =>
  page.evaluate(() => (globalThis as unknown as { outcome: Promise<Outcome> }).outcome);

export async function uploadOn(page: Page, told: Told): Promise<Outcome> {
  await begin(page, told);
  return outcome(page);
}

/** Changes what the browser keeps of every upload. */
export async function rewriteKept(page: Page, state: string): Promise<void> {
  await page.evaluate(async state => {
    const result = <Result>(request: IDBRequest<Result>): Promise<Result> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await result(indexedDB.open('fieldfile-uploads'));
    const store = database.transaction('uploads', 'readwrite').objectStore('uploads');
    for (const entry of await result(store.getAll())) await result(store.put({ ...entry, state }));
    database.close();
  }, state);
}

/** Waits until the page has sent, or the server confirmed, so many bytes. */
export async function until(page: Page, what: 'sentBytes' | 'confirmedBytes', bytes: number): Promise<void> {
  await page.waitForFunction(
    ([name, least]) =>
      (globalThis as unknown as { progress: Fieldfile.Progress[] }).progress.some(one => one[name] >= least),
    [what, bytes] as const,
  );
}
