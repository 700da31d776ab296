import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FileUpload } from '../src/element.ts';
import { openWorld } from './open-world.ts';
import type { World } from './world.ts';

/** Pictures are left here, for people to look at. */
const PICTURES = join(tmpdir(), 'fieldfile-browser-pictures');
const AXE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));

const A = { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') };
const B = { ...A, name: 'b.txt', buffer: Buffer.from('world') };

let browser: Browser;
let world: World;
let page: Page;
let element: Locator;
let faults: unknown[];
openWorld(opened => {
  ({ browser, world } = opened);
});
beforeAll(() => void mkdirSync(PICTURES, { recursive: true }));
beforeEach(async () => {
  const context = await browser.newContext();
  context.setDefaultTimeout(20_000);
  page = await context.newPage();
  faults = [];
  page.on('pageerror', fault => faults.push(fault));
  element = page.locator('file-upload');
});
afterEach(async () => {
  await page.context().close();
  expect(faults).toEqual([]);
});

/** Opens a page with a form that has the element, with these attributes. */
async function show(attributes = '', around = ['', '']): Promise<void> {
  const [before = '', after = ''] = around;
  world.pages.set(
    '/form',
    `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark"><title>Form</title><script type="module" src="/element.js"></script>
    <main><h1>A form</h1><form>${before}<label for="file">Photo</label>
    <file-upload id="file" name="photo" claim="/claims" ${attributes}></file-upload>${after}<button>Send</button></form></main>`,
  );
  await page.goto(`${world.origin}/form`);
  await page.waitForFunction(() => customElements.get('file-upload'));
}

const choose = (...files: readonly (typeof A)[]): Promise<void> =>
  page.locator('file-upload input').setInputFiles(files);

/** What the form would send. */
const sent = (): Promise<string[]> =>
  page.evaluate(() => {
    const [form] = document.forms;
    return [...new FormData(form).getAll('photo')].map(String);
  });

const isValid = (): Promise<boolean> => page.evaluate(() => document.forms[0]?.checkValidity() ?? false);
const message = (): Promise<string> => element.evaluate((one: FileUpload) => one.validationMessage);
const state = (text: string): Locator => element.locator('[part=state]').getByText(text, { exact: true });
const button = (name: string): Locator => element.getByRole('button', { name });

/** No upload is answered until it is let go, and made again. */
function hold(): () => void {
  const held: ServerResponse[] = [];
  world.instead = ({ method }, response) => {
    if (method === 'PUT') held.push(response);
    return method === 'PUT';
  };
  return () => {
    world.instead = () => false;
    for (const response of held) response.destroy();
  };
}

describe('in a form', () => {
  test('its value is the token, and the form is not sent without it', async () => {
    await show('required');
    expect([await isValid(), await message()]).toEqual([false, 'Choose a file.']);
    await choose(A);
    await state('Uploaded').waitFor();
    expect(await isValid()).toBe(true);
    const [token = '', ...others] = await sent();
    expect(others).toEqual([]);
    expect(await world.redeem(token)).toBe('hello');
  });

  test('it is not sent while a file is on its way', async () => {
    hold();
    await show();
    expect(await isValid()).toBe(true);
    await choose(A);
    await element.getByRole('progressbar', { name: 'a.txt' }).waitFor();
    expect([await isValid(), await message(), await sent()]).toEqual([
      false,
      'Wait until the upload is done.',
      [],
    ]);
  });

  test('another file takes the place of the first; with `multiple` all are sent, in their order', async () => {
    await show();
    await choose(A);
    await state('Uploaded').waitFor();
    await choose(B);
    await element.locator('[part=name]').getByText('b.txt').waitFor();
    await state('Uploaded').waitFor();
    expect(await element.getByRole('listitem').count()).toBe(1);
    expect(await sent()).toHaveLength(1);
    await element.evaluate((one: FileUpload) => {
      one.multiple = true;
    });
    await choose(A, A, A);
    await expect.poll(() => state('Uploaded').count()).toBe(4);
    expect(await Promise.all((await sent()).map(world.redeem))).toEqual(['world', 'hello', 'hello', 'hello']);
  });

  test('three go at once, the others wait', async () => {
    const letGo = hold();
    await show('multiple');
    await choose(A, A, A, A, A);
    await expect.poll(() => element.getByRole('progressbar').count()).toBe(3);
    expect(await state('Waiting').count()).toBe(2);
    letGo();
    await expect.poll(() => state('Uploaded').count()).toBe(5);
  });

  test('a reset takes the files away, and ends what is on its way', async () => {
    let isEnded = false;
    const under = new Promise<void>(resolve => {
      world.instead = ({ method }, response) => {
        if (method !== 'PUT') return false;
        response.on('close', () => {
          isEnded = true;
        });
        resolve();
        return true;
      };
    });
    await show();
    await choose(A);
    await under;
    await page.evaluate(() => document.forms[0]?.reset());
    await expect.poll(() => isEnded).toBe(true);
    expect(await element.getByRole('listitem').count()).toBe(0);
    expect(await isValid()).toBe(true);
  });

  test('so does taking it from the page; moving it does not', async () => {
    const letGo = hold();
    await show();
    await choose(A);
    await element.getByRole('progressbar').waitFor();
    await element.evaluate(one => document.querySelector('main')?.prepend(one));
    letGo();
    await state('Uploaded').waitFor();
    const left = await element.evaluate(async (one: FileUpload) => {
      one.remove();
      await Promise.resolve();
      return one.tokens;
    });
    expect(left).toEqual([]);
  });

  test('what was uploaded is there again when the user comes back to the page', async () => {
    await show('multiple');
    await choose(A, B);
    await expect.poll(() => state('Uploaded').count()).toBe(2);
    const before = await sent();
    await page.goto(`${world.origin}/other`);
    await page.goBack();
    await expect.poll(() => state('Uploaded').count()).toBe(2);
    expect(await sent()).toEqual(before);
    await element.getByText('b.txt (5 bytes)').waitFor();
  });

  test('it is disabled with its fieldset, and by itself', async () => {
    await show('', ['<fieldset disabled><legend>Details</legend>', '</fieldset>']);
    expect(await button('Choose a file').isDisabled()).toBe(true);
    await page.evaluate(() => document.querySelector('fieldset')?.removeAttribute('disabled'));
    expect(await button('Choose a file').isEnabled()).toBe(true);
    await element.evaluate((one: FileUpload) => {
      one.disabled = true;
    });
    expect(await button('Choose a file').isDisabled()).toBe(true);
  });

  test('a message of the application, as any control has it', async () => {
    await show();
    await element.evaluate((one: FileUpload) => one.setCustomValidity('Not today.'));
    expect([await isValid(), await message()]).toEqual([false, 'Not today.']);
  });
});

describe('a file is chosen', () => {
  test.each(['by its label', 'by the keyboard'])('%s', async how => {
    await show();
    const chosen = page.waitForEvent('filechooser');
    if (how === 'by its label') await page.getByText('Photo').click();
    else {
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
    }
    await (await chosen).setFiles(A);
    await state('Uploaded').waitFor();
  });

  test('by dropping it; a folder, and what `accept` does not list, are told', async () => {
    await show('multiple accept=".txt"');
    const folder = join(world.folder, 'holiday');
    mkdirSync(folder);
    const files = ['a.txt', 'b.exe'].map(name => join(world.folder, name));
    for (const path of files) writeFileSync(path, 'dropped');
    const session = await page.context().newCDPSession(page);
    const box = await element.boundingBox();
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await session.send('Input.dispatchDragEvent', {
        ...{ type, x: (box?.x ?? 0) + 9, y: (box?.y ?? 0) + 9 },
        data: { items: [], files: [folder, ...files], dragOperationsMask: 1 },
      });
    await state('Uploaded').waitFor();
    expect(await Promise.all((await sent()).map(world.redeem))).toEqual(['dropped']);
    const told =
      'holiday is not of a kind that can be uploaded here. b.exe is not of a kind that can be uploaded here.';
    expect(await element.getByRole('status').textContent()).toContain('Uploaded');
    await element.locator('[part=hint]').getByText(told).waitFor();
  });
});

describe('each file has its row', () => {
  test('it can be paused and go on, by the keyboard, and the focus stays', async () => {
    const letGo = hold();
    await show();
    await choose(A);
    await button('Pause: a.txt').focus();
    await page.keyboard.press('Enter');
    await state('Paused').waitFor();
    letGo();
    await page.keyboard.press('Enter');
    await state('Uploaded').waitFor();
    expect(await button('Remove: a.txt').evaluate(one => one.matches(':focus'))).toBe(true);
    await page.keyboard.press('Enter');
    expect(await sent()).toEqual([]);
    expect(await button('Choose a file').evaluate(one => one.matches(':focus'))).toBe(true);
  });

  test('what fails is told and can be tried again; what is refused cannot', async () => {
    let [status, body] = [500, ''];
    world.instead = ({ url }, response) => {
      if (url !== '/claims' || status === 200) return false;
      response.writeHead(status).end(body);
      return true;
    };
    await show();
    await element.evaluate((one: FileUpload) => {
      one.options = { attempts: 1 };
      one.addEventListener('upload-error', event => {
        Object.assign(globalThis, { told: (event as CustomEvent).detail.error.code });
      });
    });
    await choose(A);
    await state('This file was not uploaded.').waitFor();
    expect(await page.evaluate('told')).toBe('failed');
    expect([await isValid(), await message()]).toEqual([
      false,
      'A file was not uploaded. Try again, or remove it.',
    ]);
    status = 200;
    await button('Try again: a.txt').click();
    await state('Uploaded').waitFor();
    [status, body] = [413, '{"code":"too-large"}'];
    await choose(B);
    await state('This file is too large.').waitFor();
    expect(await button('Try again').count()).toBe(0);
    await button('Remove: b.txt').click();
    expect(await isValid()).toBe(true);
  });

  test('what becomes of it is announced politely, and told by events', async () => {
    await show();
    await element.evaluate((one: FileUpload) => {
      const told: unknown[] = [];
      for (const type of ['change', 'upload-progress'])
        one.addEventListener(type, event =>
          told.push((event as CustomEvent).detail?.confirmedBytes ?? one.value !== ''),
        );
      Object.assign(globalThis, { told });
    });
    await choose(A);
    await element.getByRole('status').getByText('a.txt: Uploaded').waitFor();
    expect(await page.evaluate('told.slice(-2)')).toEqual([5, true]);
    await button('Remove: a.txt').click();
    await element.getByRole('status').getByText('a.txt was removed.').waitFor();
    expect(await page.evaluate('told.at(-1)')).toBe(false);
  });

  test('in another language', async () => {
    await show();
    await element.evaluate((one: FileUpload) => {
      one.texts = { choose: () => 'Datei wählen', done: 'Hochgeladen' };
    });
    await choose(A);
    await button('Datei wählen').waitFor();
    await state('Hochgeladen').waitFor();
  });
});

describe('what it looks like', () => {
  test.each(['light', 'dark'] as const)('%s: nothing for axe-core to object to', async colorScheme => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 480, height: 480 });
    await show('multiple required');
    await style('body { background: Canvas }'); // axe-core takes what is not said for white
    const found = [...(await objections())];
    let puts = 0;
    world.instead = ({ method, url }, response) => {
      if (method === 'PUT') return ++puts > 1;
      if (url === '/claims' && puts > 1) response.writeHead(413).end('{"code":"too-large"}');
      return url === '/claims' && puts > 1;
    };
    await choose(A);
    await state('Uploaded').waitFor();
    await choose({ ...B, name: 'a film of the holidays.mp4', buffer: Buffer.alloc(3_400_000) });
    await state('Uploading, 100 %').waitFor();
    await choose({ ...B, name: 'report.pdf' });
    await state('This file is too large.').waitFor();
    await button('Choose files').focus();
    found.push(...(await objections()));
    await page.screenshot({ path: join(PICTURES, `${colorScheme}.png`) });
    expect(found).toEqual([]);
  });

  test('a page styles it by parts and custom properties; who wants no motion gets none', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await show();
    await style(
      'file-upload { --file-upload-accent: rgb(1, 2, 3) } file-upload::part(hint) { color: rgb(4, 5, 6) }',
    );
    const [accent, hint, motion] = await element.evaluate(one => {
      const of = (selector: string): CSSStyleDeclaration =>
        getComputedStyle(one.shadowRoot?.querySelector(selector) as Element);
      return [of('button').color, of('[part=hint]').color, of('button').transitionDuration];
    });
    expect([accent, hint, motion]).toEqual(['rgb(1, 2, 3)', 'rgb(4, 5, 6)', '0s']);
  });
});

test('a server can load it', async () => {
  const { FileUpload } = await import('../src/element.ts');
  expect(FileUpload.formAssociated).toBe(true);
});

/** Gives the page a style sheet. */
const style = (css: string): Promise<void> =>
  page.evaluate(text => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets = [sheet];
  }, css);

/** What axe-core objects to. It comes into the page past the page's own policy, as an extension does. */
async function objections(): Promise<readonly string[]> {
  await page.evaluate(await readFile(AXE, 'utf8'));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { readonly axe: { run(): Promise<AxeResult> } };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}
