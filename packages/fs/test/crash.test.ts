import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Storage } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { afterEach, describe, expect, test } from 'vitest';
import { FileSystemBackend } from '../src/backend.ts';
import { FileSystemStorage } from '../src/storage.ts';
import { folderBeside, SimulatedDisk, type Survivors, type Tree, writeTree } from './simulated-disk.ts';
import { temporaryRoot } from './temporary-root.ts';

const BOTH: readonly Survivors[] = ['synced-names', 'all-names'];

const made: string[] = [];

afterEach(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true });
});

function simulated(options: { lies?: 'file' | 'directory'; durability?: 'process-crash' } = {}) {
  const root = temporaryRoot();
  made.push(root);
  const { lies, ...rest } = options;
  const disk = new SimulatedDisk(root, lies ? { lies } : {});
  return { root, disk, storage: new Storage(new FileSystemBackend({ root, ...rest }, disk.disk)) };
}

/** Saves and replaces, asking after every step of the disk whether a power cut then would lose something. */
async function losses(options: Parameters<typeof simulated>[0] = {}): Promise<readonly string[]> {
  const { disk, storage } = simulated(options);
  /** What each object may hold; undefined: it may be absent. */
  const allowed = new Map<string, readonly (string | undefined)[]>();
  const lost: string[] = [];
  let steps = 0;
  const check = (): void => {
    steps += 1;
    for (const which of BOTH) {
      const tree = disk.survivors(which);
      for (const [name, contents] of allowed) {
        const content = tree.get(name)?.toString();
        if (!contents.includes(content)) lost.push(`step ${steps}, ${which}: ${name} is ${content}`);
      }
    }
  };
  disk.onStep = check;
  const write = async (name: string, content: string, act: () => Promise<unknown>): Promise<void> => {
    allowed.set(name, [...(allowed.get(name) ?? [undefined]), content]);
    await act();
    allowed.set(name, [content]);
    check();
  };
  await write('a.txt', 'old', () => storage.save('a.txt', 'old'));
  await write('deep/er/b.txt', 'b', () => storage.save('deep/er/b.txt', 'b'));
  await write('a.txt', 'new', () => storage.replace('a.txt', 'new'));
  await write('deep/er/b.txt', 'B', () => storage.replace('deep/er/b.txt', 'B'));
  await write('other/c.txt', 'c', () => storage.replace('other/c.txt', 'c'));
  await write('copy/d.txt', 'new', () => storage.copy('a.txt', 'copy/d.txt'));
  // Concurrent writers share folders just made and fsyncs.
  await Promise.all(
    Array.from({ length: 8 }, (_, index) => {
      const name = `many/folders/${index}.txt`;
      return write(name, name, () => storage.save(name, name));
    }),
  );
  expect(steps).toBeGreaterThan(40);
  return lost;
}

describe('power cuts', () => {
  test('lose nothing acknowledged and tear nothing, at every step of saves, copies and replaces', async () => {
    expect(await losses()).toEqual([]);
  });

  test('lose something when an fsync is skipped: the simulation notices', async () => {
    expect(await losses({ lies: 'file' })).not.toEqual([]);
    expect(await losses({ lies: 'directory' })).not.toEqual([]);
    expect(await losses({ durability: 'process-crash' })).not.toEqual([]);
  });

  test('lose nothing in a folder that another save made and has not yet made durable', async () => {
    const { root, disk, storage } = simulated();
    await storage.save('before.txt', 'made the internal folder');
    const making = Promise.withResolvers<void>();
    let second: { readonly survived: boolean } | undefined;
    disk.beforeDirectorySync = async path => {
      if (path !== root) return;
      making.resolve();
      // Turns enough for the second save to be acknowledged, if it does not wait for this fsync.
      for (let turn = 0; turn < 50_000 && !second; turn++) await setImmediate();
    };
    const first = storage.save('made/a.txt', 'a');
    await making.promise;
    await storage.save('made/b.txt', 'b');
    second = { survived: disk.survivors('synced-names').has('made/b.txt') };
    await first;
    expect(second.survived).toBe(true);
  });

  test('lose nothing in a folder that another save made while this one opened it', async () => {
    const { root, disk, storage } = simulated();
    await storage.save('before.txt', 'made the internal folder');
    const making = Promise.withResolvers<void>();
    let isAcknowledged = false;
    disk.beforeDirectorySync = async path => {
      if (path !== join(root, 'made')) return;
      making.resolve();
      // Turns enough for the other save to be acknowledged, if it does not wait for this fsync.
      for (let turn = 0; turn < 50_000 && !isAcknowledged; turn++) await setImmediate();
    };
    let other: Promise<string> | undefined;
    disk.beforeChildBelow = async path => {
      if (path !== 'made/deep' || other) return;
      other = storage.save('made/deep/a.txt', 'a');
      await making.promise;
    };
    await storage.save('made/deep/b.txt', 'b');
    isAcknowledged = true;
    const survived = disk.survivors('synced-names').has('made/deep/b.txt');
    await other;
    expect(survived).toBe(true);
  });

  test('leave what can be made again whole or absent, at every step', async () => {
    const { disk, storage } = simulated();
    await storage.save('before.txt', 'made the internal folder');
    const seen = new Set<string | undefined>();
    disk.onStep = () => {
      for (const which of BOTH) seen.add(disk.survivors(which).get('made/again.txt')?.toString());
    };
    await storage.save('made/again.txt', 'content', { durability: 'whole' });
    expect([...seen]).toEqual([undefined, 'content']);
    await storage.save('made/too/lock', 'held', { durability: 'process-crash' });
    expect(disk.survivors('synced-names').has('made/again.txt')).toBe(false);
    await storage.save('made/too/kept.txt', 'kept');
    expect(disk.survivors('synced-names').get('made/too/kept.txt')?.toString()).toBe('kept');
  });

  test('forget nothing that was deleted', async () => {
    const { disk, storage } = simulated();
    await storage.save('a/b.txt', 'b');
    await storage.delete('a/b.txt');
    expect(disk.survivors('synced-names').has('a/b.txt')).toBe(false);
  });

  test.each(['create', 'replace'] as const)(
    'leave nothing that undo cannot take back, at every step of a %s',
    async operation => {
      const { root, disk, storage } = simulated();
      await storage.save('other.txt', 'other');
      const trees: Tree[] = [];
      disk.onStep = () => {
        for (const which of BOTH) trees.push(disk.survivors(which));
      };
      const writeId = newWriteId();
      await storage[operation]('a/b.txt', 'content', { writeId });
      disk.onStep = undefined;
      const before = operation === 'create' ? trees : trees.slice(0, trees.findIndex(isSettled));
      for (const tree of before) {
        const after = folderBeside(root);
        made.push(after);
        writeTree(tree, after);
        const recovered = new FileSystemStorage({ root: after });
        await recovered.undo('a/b.txt', writeId);
        expect(await Array.fromAsync(recovered.list(), object => object.name as string)).toEqual(
          tree.has('other.txt') ? ['other.txt'] : [],
        );
        await recovered[Symbol.asyncDispose]();
      }
      expect(before.length).toBeGreaterThan(8);

      /** Replace settles by itself: from then on there is nothing to undo by. */
      function isSettled(tree: Tree): boolean {
        return tree.has('a/b.txt') && !tree.has(`.fieldfile/${writeId}`);
      }
    },
  );
});
