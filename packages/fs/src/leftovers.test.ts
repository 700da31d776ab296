import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { configure, isFieldFileError, Storage } from '@fieldfile/storage';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refusingDisk } from '../test/refusing-disk.ts';
import { temporaryRoot } from '../test/temporary-root.ts';
import { FileSystemBackend } from './backend.ts';
import { MARKER } from './root-marker.ts';

let root: string;
let broken: readonly string[] = [];

/** Names of the objects of which it was told that their receipt could not be removed. */
const unsettled: (string | undefined)[] = [];

beforeEach(() => {
  root = temporaryRoot();
  broken = [];
  configure({
    onError: error =>
      unsettled.push(
        isFieldFileError(error, 'backend') && error.operation === 'settle' ? error.objectName : String(error),
      ),
  });
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  expect(unsettled.splice(0)).toEqual([]);
});

const left = (): readonly string[] => readdirSync(join(root, '.fieldfile')).filter(name => name !== MARKER);

const open = (): Storage =>
  new Storage(
    new FileSystemBackend(
      { root },
      refusingDisk('EIO', method => broken.includes(method)),
    ),
    {
      retry: { attempts: 1 },
    },
  );

test.each(['save', 'replace', 'copy'] as const)(
  'receipts that the disk would not let go of are removed by the next write (%s)',
  async next => {
    const storage = open();
    await storage.save('a.txt', 'a');
    broken = ['unlink'];
    for (const name of ['b.txt', 'c/d.txt']) expect(await storage.save(name, name)).toBe(name);
    await storage.replace('a.txt', 'replaced');
    expect(unsettled.splice(0)).toEqual(['b.txt', 'c/d.txt', 'a.txt']);
    expect(left()).toHaveLength(3);
    broken = [];
    if (next === 'copy') await storage.copy('a.txt', 'e.txt');
    else await storage[next]('e.txt', 'e');
    expect(left()).toEqual([]);
    const names = await Array.fromAsync(storage.list(), ({ name }) => name as string);
    expect(names).toEqual(['a.txt', 'b.txt', 'c/d.txt', 'e.txt']);
  },
);

test('a receipt is tried for again until it is gone, and no write suffers from it', async () => {
  const storage = open();
  broken = ['unlink'];
  for (const name of ['a', 'b', 'c']) expect(await storage.save(name, name)).toBe(name);
  expect(unsettled.splice(0)).toEqual(['a', 'b', 'c']);
  expect(left()).toHaveLength(3);
  broken = [];
  await storage.save('d', 'd');
  expect(left()).toEqual([]);
});

test('what a failed write left is removed by the next one, and the failure is what is told', async () => {
  const storage = open();
  await storage.save('a', 'a');
  broken = ['link', 'unlink'];
  await expect(storage.save('b', 'b')).rejects.toMatchObject({
    message: expect.stringContaining('link was'),
  });
  expect(left()).toHaveLength(1);
  broken = [];
  await storage.save('c', 'c');
  expect(left()).toEqual([]);
  expect(readdirSync(root).sort()).toEqual(['.fieldfile', 'a', 'c']);
});

test('of content that breaks off on a disk that lets go of nothing, what broke off is told', async () => {
  const storage = open();
  await storage.save('a', 'a');
  broken = ['unlink'];
  unsettled.splice(0);
  async function* breaking(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(10);
    throw new Error('The client has left.');
  }
  await expect(storage.save('b', breaking())).rejects.toThrow('The client has left.');
  await expect(storage.replace('a', breaking())).rejects.toThrow('The client has left.');
  expect(left()).toHaveLength(2);
  broken = [];
  await storage.save('c', 'c');
  expect(left()).toEqual([]);
  expect(readdirSync(root).sort()).toEqual(['.fieldfile', 'a', 'c']);
});
