import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { launch, open } from './browser.ts';
import { startWorld, type World } from './world.ts';

/** A world, and what ends with it. */
interface Begun extends AsyncDisposable {
  readonly world: World;
}

/** What the tests of a file have: an application, a browser, and a page on which the package is loaded. */
export interface Opened {
  readonly browser: Browser;
  readonly world: World;
  readonly page: Page;
}

/** Opens it before the tests of a file, leaves nothing of a test for the next one, and ends all of it after the last. */
export function openWorld(given: (opened: Opened) => void, start: () => Promise<Begun> = alone): void {
  let browser: Browser | undefined;
  let begun: Begun | undefined;
  beforeAll(async () => {
    browser = await launch();
    begun = await start();
    const { world } = begun;
    given({ browser, world, page: await open(browser, world.origin) });
  });
  afterEach(() => {
    if (!begun) return;
    const { world } = begun;
    world.instead = () => false;
    world.requests.length = 0;
  });
  afterAll(async () => {
    await browser?.close();
    await begun?.[Symbol.asyncDispose]();
  });
}

async function alone(): Promise<Begun> {
  const world = await startWorld();
  return { world, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}
