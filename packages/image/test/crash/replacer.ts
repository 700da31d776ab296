import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { Storage } from '@fieldfile/core';
import { ImageVariants, sharpProcessor } from '@fieldfile/image/node';
import { diskOf, journalOf, openWorld } from './world.ts';

// Builds variants, replaces the image, builds variants again, and is killed at a step. Each call of the storage's backend
// and of the journal is two steps: before it, and after it.

const [, , folder = '', how = 'save', killAt = '0'] = process.argv;
let steps = 0;

function step(): void {
  if (++steps === Number(killAt)) process.kill(process.pid, 'SIGKILL');
}

function stepping<T extends object>(target: T, names: readonly string[]): T {
  return new Proxy(target, {
    get(inner, property) {
      const value: unknown = Reflect.get(inner, property, inner);
      if (typeof value !== 'function') return value;
      if (!names.includes(String(property))) return value.bind(inner);
      return async (...given: readonly unknown[]) => {
        step();
        const result: unknown = await value.apply(inner, given);
        step();
        return result;
      };
    },
  });
}

const storage = new Storage(
  stepping(diskOf(folder).backend, ['create', 'replace', 'undo', 'settle', 'remove', 'removeMany', 'info']),
);
const journal = stepping(journalOf(folder), [
  'begin',
  'rename',
  'take',
  'end',
  'endTaken',
  'aim',
  'postpone',
  'release',
]);
const { db, photos, row } = openWorld(folder, storage, journal);
const variants = new ImageVariants({ processor: sharpProcessor(), folder: join(folder, 'work') });

async function buildAll(): Promise<void> {
  const { stored } = photos.fields.image.of(await row());
  if (stored) await variants.buildAll(stored);
}

await buildAll();
const other = readFileSync(join(folder, 'other.png'));
const handle = photos.fields.image.of(await row());
if (how === 'save') await handle.save(other, { name: 'other.png' });
else if (how === 'replace') await handle.stored?.replace(other);
else await handle.delete();
await buildAll();
await db.destroy();
writeSync(1, `${steps}\n`);
