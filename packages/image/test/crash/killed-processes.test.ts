import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { originalOf } from '@fieldfile/core/derived';
import { recover, sweep } from '@fieldfile/core/journal';
import { ImageVariants, sharpProcessor } from '@fieldfile/image/node';
import { load } from '@fieldfile/test-servers/load';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { image } from '../images.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { diskOf, journalOf, openWorld } from './world.ts';

/** Kills of each kind of change; the full load has one at every step. */
const KILLS = load({ test: 2, ci: 6, deep: 1000 });

const folder = temporaryFolder();
afterAll(() => folder.remove());

/** A row with an image, before anything happens to it. */
const template = join(folder.path, 'template');

beforeAll(async () => {
  mkdirSync(join(template, 'work'), { recursive: true });
  writeFileSync(join(template, 'other.png'), await image('png', { width: 50, height: 30 }));
  const [storage, journal] = [diskOf(template), journalOf(template)];
  const { db, photos } = openWorld(template, storage, journal);
  await db.schema.createTable('photos', table => {
    table.increments('id');
    table.string('image', 100);
    table.string('digest', 100);
  });
  const row = await photos.insert({ image: null });
  await photos.fields.image
    .of(row)
    .save(await image('png', { width: 40, height: 20 }), { name: 'first.png' });
  await db.destroy();
  journal.close();
});

/** @returns how many steps it took; undefined: it was killed. */
async function replace(world: string, how: string, killAt: number): Promise<number | undefined> {
  const output = await run('./replacer.ts', world, how, String(killAt));
  return output === undefined ? undefined : Number(output);
}

/** @returns what the program wrote; undefined: it was killed. */
async function run(program: string, ...given: readonly string[]): Promise<string | undefined> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const flags = ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, path, ...given]);
    return stdout;
  } catch (error) {
    if ((error as { readonly signal?: string }).signal === 'SIGKILL') return undefined;
    throw error;
  }
}

/** @throws unless recovery leaves the row's image and variants of it alone, and what is missing can be built. */
async function requireWhole(world: string): Promise<void> {
  const [storage, journal] = [diskOf(world), journalOf(world)];
  const { db, photos, row } = openWorld(world, storage, journal);
  try {
    await recover(journal);
    const names = async (): Promise<string[]> => {
      const found: string[] = [];
      for await (const { name } of storage.list()) found.push(name);
      return found;
    };
    const { image: original } = await row();
    const variantNames = (await names()).filter(name => name !== original);
    expect(variantNames.filter(name => originalOf(name) !== original || name.endsWith('.lock'))).toEqual([]);
    const { stored } = photos.fields.image.of(await row());
    if (!stored) return expect(await names()).toEqual([]);
    const variants = new ImageVariants({ processor: sharpProcessor(), folder: join(world, 'work') });
    await variants.buildAll(stored);
    // Those of other bytes would have other names.
    const built = await Promise.all(
      ['thumb', 'small', 'large'].map(async name => (await variants.of(stored, name)).name),
    );
    expect(await names()).toEqual([...built, original].sort());
    const { missing, orphans } = await sweep({ storage, fields: [photos.fields.image], graceSeconds: 0 });
    expect([missing, orphans]).toEqual([0, 0]);
    const entries = await journal.entries();
    expect(entries.filter(({ state }) => state !== 'undone')).toEqual([]);
  } finally {
    await db.destroy();
    journal.close();
  }
}

async function copyOf(name: string): Promise<string> {
  const world = join(folder.path, name);
  cpSync(template, world, { recursive: true });
  return world;
}

describe.each(['save', 'replace', 'delete'])('an image with three variants, changed by %s', how => {
  test('is whole without a kill, and after a kill at any step', async () => {
    const whole = await copyOf(`${how}-whole`);
    const steps = await replace(whole, how, 0);
    if (steps === undefined) throw new Error('It was killed without being told to.');
    await requireWhole(whole);
    const kills = Math.min(KILLS, steps);
    for (let kill = 1; kill <= kills; kill++) {
      const at = Math.ceil((kill * steps) / kills);
      const world = await copyOf(`${how}-${at}`);
      expect(await replace(world, how, at)).toBeUndefined();
      await requireWhole(world);
    }
  });
});

describe('a lock whose holder was killed goes with recovery', () => {
  test.each([0, 1, 2])('renewed %i times', async renewals => {
    const world = await copyOf(`renewed-${renewals}`);
    expect(await run('./killed-holder.ts', world, String(renewals))).toBeUndefined();
    await requireLeft(world, 1);
    await requireWhole(world);
  });

  test('taken over of another, and renewed', async () => {
    const world = await copyOf('taken-over');
    expect(await run('./killed-holder.ts', world, '0')).toBeUndefined();
    expect(await run('./killed-holder.ts', world, '1')).toBeUndefined();
    await requireLeft(world, 2);
    await requireWhole(world);
  });
});

/** Whether it is the lock that was left, by so many who died. */
async function requireLeft(world: string, entries: number): Promise<void> {
  using journal = journalOf(world);
  expect(await journal.entries()).toHaveLength(entries);
  const names: string[] = [];
  for await (const { name } of diskOf(world).list('fieldfile-derived/')) names.push(name);
  expect(names).toEqual([expect.stringMatching(/\.webp\.lock$/)]);
}
