import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Storage, type WriteId } from '@fieldfile/storage';
import { type StorageParts, storageParts } from '@fieldfile/storage/parts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Refusal, refusingDisk } from '../test/refusing-disk.ts';
import { temporaryRoot } from '../test/temporary-root.ts';
import { FileSystemBackend } from './backend.ts';

let root: string;

beforeEach(() => {
  root = temporaryRoot();
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Objects in parts on a disk that refuses some calls with that error. */
function open(code: string, refuses: Refusal): { readonly storage: Storage; readonly parts: StorageParts } {
  const backend = new FileSystemBackend({ root }, refusingDisk(code, refuses));
  const storage = new Storage(backend, { retry: { attempts: 1 } });
  const parts = storageParts(storage);
  if (!parts) throw new Error('There are no parts.');
  return { storage, parts };
}

test.each(['open', 'sync'])(
  'a part fails when the system refuses its file once (%s), and the next one does not',
  async method => {
    let isFailing = false;
    const { storage, parts } = open('ENOSPC', called => isFailing && called === method);
    const write = await parts.begin('a.txt');
    isFailing = true;
    const place = { number: 1, offset: 0 };
    await expect(parts.writePart(write, place, 'one')).rejects.toMatchObject({ code: 'no-space' });
    isFailing = false;
    const stored = await parts.writePart(write, place, 'one');
    await parts.complete(write, [stored]);
    expect(await textOf(storage, 'a.txt')).toBe('one');
  },
);

/** Refuses the fsync that makes a held name durable, and perhaps more. */
function refusesHold(alsoRefused: (method: string, name: string) => boolean = () => false): Refusal {
  let isHeld = false;
  return (method, name) => {
    if (method === 'stat' && name.endsWith('.parts')) isHeld = true;
    return isHeld && (method === 'sync' || alsoRefused(method, name));
  };
}

test('a name that could not be held for good is free', async () => {
  const { parts } = open('EIO', refusesHold());
  await expect(parts.begin('a.txt')).rejects.toMatchObject({ code: 'backend', applied: false });
  expect(readdirSync(root)).toEqual(['.fieldfile']);
  expect(partsFolders()).toEqual([]);
  const sound = open('EIO', () => false);
  expect(await sound.storage.save('a.txt', 'free')).toBe('a.txt');
});

test('a name that could not be held and not be freed may be held: no object has it, and undo frees it', async () => {
  const { parts } = open(
    'EIO',
    refusesHold((method, name) => method === 'unlink' && name === 'a.txt'),
  );
  await expect(parts.begin('a.txt')).rejects.toMatchObject({ code: 'backend', applied: 'unknown' });
  const { storage } = open('EIO', () => false);
  expect(await Array.fromAsync(storage.list(), ({ name }) => name as string)).toEqual([]);
  const [folder = ''] = partsFolders();
  expect(await storage.undo('a.txt', folder.replace('.parts', '') as WriteId)).toBe('removed');
  expect(readdirSync(root)).toEqual(['.fieldfile']);
  expect(partsFolders()).toEqual([]);
});

test.each([false, true])(
  'who completes a write while it is undone makes no object that nobody owns (keepObject: %s)',
  async keepObject => {
    const { storage, parts } = open('EIO', () => false);
    const write = await parts.begin('a.txt');
    const stored = [await parts.writePart(write, { number: 1, offset: 0 }, 'one')];
    let completed: unknown;
    let isLooking = false;
    // Undo has looked at the name, is out of the lock, and has removed no parts yet.
    const undoing = open('EIO', async (method, name) => {
      if (method === 'stat' && name === 'a.txt') isLooking = true;
      if (method === 'sync' && isLooking) completed ??= await parts.complete(write, stored).catch(told);
      return false;
    });
    expect(await undoing.storage.undo('a.txt', write.writeId, { keepObject })).toBe('removed');
    expect(completed).toMatchObject({ code: 'precondition', applied: false });
    expect(await storage.exists('a.txt')).toBe(false);
    expect(readdirSync(root)).toEqual(['.fieldfile']);
    expect(partsFolders()).toEqual([]);
    await expect(parts.complete(write, stored)).rejects.toMatchObject({ code: 'precondition' });
    expect(await storage.undo('a.txt', write.writeId)).toBe('absent');
    expect(await storage.save('a.txt', 'free')).toBe('a.txt');
  },
);

test.each([false, true])(
  'a write that failed right before its object had the name is taken back whole (keepObject: %s)',
  async keepObject => {
    const { parts } = open('EIO', (method, name) => method === 'rename' && name.endsWith('.new'));
    const write = await parts.begin('a.txt');
    const stored = [await parts.writePart(write, { number: 1, offset: 0 }, 'one')];
    await expect(parts.complete(write, stored)).rejects.toMatchObject({ code: 'backend' });
    const { storage } = open('EIO', () => false);
    expect([partsFolders(), await storage.exists('a.txt')]).toEqual([[], false]);
    expect(await storage.undo('a.txt', write.writeId, { keepObject })).toBe('removed');
    expect(readdirSync(root)).toEqual(['.fieldfile']);
  },
);

test('a process that dies while it writes what holds a name has not held it', async () => {
  let appends = 0;
  // First the name is written down, then what holds it. Nothing is done any more after that.
  const { parts } = open('EIO', method => appends >= 2 || (method === 'append' && ++appends === 2));
  await expect(parts.begin('a.txt')).rejects.toMatchObject({ code: 'backend' });
  expect(appends).toBe(2);
  const [folder = ''] = partsFolders();
  const { storage } = open('EIO', () => false);
  expect(await storage.undo('a.txt', folder.replace('.parts', '') as WriteId)).toBe('removed');
  expect(readdirSync(root)).toEqual(['.fieldfile']);
  expect(partsFolders()).toEqual([]);
});

/** What a file has in it that holds a name. */
const heldText = (writeId: string): string => `FieldFile holds this name for write ${writeId}.\n`.padEnd(997);

test('an object with the content of what holds a name is an object like any other', async () => {
  const { storage, parts } = open('EIO', () => false);
  const write = await parts.begin('held.txt');
  for (const [name, writeId] of [
    ['none.txt', 'abc'],
    ['other/name.txt', write.writeId],
  ] as const) {
    const text = heldText(writeId);
    expect(await storage.save(name, text)).toBe(name);
    expect(await storage.exists(name)).toBe(true);
    expect(await textOf(storage, name)).toBe(text);
    expect(await Array.fromAsync(storage.list(), object => object.name as string)).toEqual([name]);
    await storage.delete(name);
    expect(await storage.exists(name)).toBe(false);
  }
  expect(readdirSync(root, { recursive: true })).toContain('held.txt');
  expect(readdirSync(root, { recursive: true })).not.toContain('none.txt');
  await storage.delete('held.txt');
  await parts.complete(write, [
    await parts.writePart(write, { number: 1, offset: 0 }, heldText(write.writeId)),
  ]);
  for (let time = 1; time <= 2; time++) await storage.undo('held.txt', write.writeId, { keepObject: true });
  expect(await textOf(storage, 'held.txt')).toBe(heldText(write.writeId));
});

test('while a write is completed, what holds its name is no object', async () => {
  const { storage } = open('EIO', () => false);
  const seen: unknown[] = [];
  const look = async (): Promise<boolean> => {
    seen.push(partsFolders(), await storage.exists('a.txt'), await storage.open('a.txt').catch(told));
    return false;
  };
  const { parts } = open('EIO', (method, name) => method === 'rename' && name.endsWith('.new') && look());
  const write = await parts.begin('a.txt');
  await parts.complete(write, [await parts.writePart(write, { number: 1, offset: 0 }, 'one')]);
  expect(seen).toEqual([[], false, expect.objectContaining({ code: 'not-found' })]);
  expect(await textOf(storage, 'a.txt')).toBe('one');
});

async function textOf(storage: Storage, name: string): Promise<string> {
  await using opened = await storage.open(name);
  return await opened.text();
}

const told = (error: unknown): unknown => error;

const partsFolders = (): readonly string[] =>
  readdirSync(join(root, '.fieldfile')).filter(name => name.endsWith('.parts'));
