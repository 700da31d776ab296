import { afterAll, beforeAll, expect, test } from 'vitest';
import { add, card, type OpenedDemo, openDemo, panel, text, toast } from './open-demo.ts';

let demo: OpenedDemo;

beforeAll(async () => {
  demo = await openDemo();
});

afterAll(() => demo?.[Symbol.asyncDispose]());

test('memory lab: of 10,000 held files no row lives, but where the reference is strong', {
  timeout: 180_000,
}, async () => {
  const { page, complaints } = await demo.visit();
  page.setDefaultTimeout(170_000);
  await page.goto(`${demo.url}#memory`);
  await page.getByRole('button', { name: 'Hold 10,000 files' }).click();
  const result = (name: string) =>
    page.getByRole('region', { name, exact: true }).getByText(/The job has ended/);
  expect(await result('FieldFile').innerText()).toBe(
    'The job has ended. 10,000 files are held, 0 rows live.',
  );
  expect(await result('A WeakRef by itself').innerText()).toContain(' 0 rows live');
  expect(await result('A strong reference').innerText()).toContain(' 10000 rows live');
  expect(complaints).toEqual([]);
});

test('crash lab: a save that is killed is taken back or finished, and twenty writers get twenty names', async () => {
  const { page, complaints } = await demo.visit();
  await page.goto(`${demo.url}#crash`);
  const world = (name: RegExp | string) => page.getByRole('region', { name });
  for (const [step, file] of [
    ['Object', 'old.txt'],
    ['Commit', 'new.txt'],
  ] as const) {
    await page.getByRole('button', { name: `Kill it at: ${step}.` }).click();
    await world('Killed with SIGKILL').getByText('new.txt').first().waitFor();
    expect(await world('Killed with SIGKILL').locator('.unnamed').count()).toBeGreaterThan(0);
    await world('After recover()').getByText('Row and object agree.').waitFor();
    expect(await world('After recover()').locator('.named').innerText()).toContain(file);
  }
  await page.getByRole('button', { name: 'Twenty writers of one name' }).click();
  await page.getByText('Each is whole').waitFor();
  expect(new Set(await page.locator('.names li').allInnerTexts()).size).toBe(20);
  expect(complaints).toEqual([]);
});

test.each([
  ['The storage is down', 'The save failed: backend.', 'old.txt'],
  ['The storage’s answer is lost', 'The save succeeded.', 'new.txt'],
  ['The database refuses the row', 'The save failed:', 'old.txt'],
  ['The disk is full', /The save failed: (?:no-space|too-large)\./, 'old.txt'],
])('crash lab: %s', async (fault, outcome, file) => {
  const { page } = await demo.visit();
  await page.goto(`${demo.url}#crash`);
  await page.getByRole('button', { name: fault }).click();
  await page.getByText(outcome).waitFor();
  const after = page.getByRole('region', { name: 'After recover()' });
  await after.getByText('Row and object agree.').waitFor();
  expect(await after.locator('.named').innerText()).toContain(file);
});

test('storage page: what no row names is found and removed, files are copied and verified, links are taken back', async () => {
  const { page, complaints } = await demo.visit();
  await add(page, text('report.txt', 'A report.'));
  await card(page, 'report.txt').click();
  await panel(page).getByRole('button', { name: 'Give a link' }).click();
  const address = /http\S+/.exec(await toast(page, 'A link to').innerText())?.[0] ?? '';
  const use = async (): Promise<number> =>
    (await demo.browser.newContext().then(it => it.request.get(address))).status();
  expect(await use()).toBe(200);

  await page.goto(`${demo.url}#storage`);
  await page.getByText('used 1 of 3 times').waitFor();
  await page.getByRole('button', { name: 'Take back the link to report.txt' }).click();
  await page.getByText('No link is given.').waitFor();
  expect(await use()).toBe(410);

  const sweep = page.getByRole('region', { name: 'Sweep' });
  await sweep.getByRole('button', { name: 'Leave an object there' }).click();
  await toast(page, 'no row names it').waitFor();
  await sweep.getByRole('button', { name: 'Look' }).click();
  await sweep.getByText('library/stray.txt').waitFor();
  await sweep.getByRole('button', { name: 'Remove what no row names' }).click();
  await sweep.getByText('1 removed').waitFor();

  const copy = page.getByRole('region', { name: 'Copy' });
  await copy.getByRole('button', { name: 'Copy all files' }).click();
  await copy.getByText('1 verified, 0 there already, 0 failed').waitFor();
  expect(complaints).toEqual([]);
});
