import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Storage, type WriteId } from '@fieldfile/storage';
import { storageParts, writeIdWithin } from '@fieldfile/storage/parts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryRoot } from '../test/temporary-root.ts';
import { FileSystemBackend } from './backend.ts';
import { MARKER } from './root-marker.ts';

const WHOLE = 'abc-upload' as WriteId;

let root: string;
let storage: Storage;

beforeEach(() => {
  root = temporaryRoot();
  storage = new Storage(new FileSystemBackend({ root }));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const inside = (folder = ''): readonly string[] =>
  readdirSync(join(root, '.fieldfile', folder)).filter(name => name !== MARKER);

/** A write that stops in the midst of its content. Its process is told nothing of what happens meanwhile. */
function stopped(
  name: string,
  writeId: WriteId,
): { readonly goOn: () => void; readonly ended: Promise<unknown> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const asleep = Promise.withResolvers<void>();
  const content = new ReadableStream<Uint8Array>({
    async pull(controller) {
      asleep.resolve();
      await promise;
      controller.enqueue(new Uint8Array(3));
      controller.close();
    },
  });
  const ended = storage.replace(name, content, { writeId }).catch((error: unknown) => error);
  return { goOn: resolve, ended: asleep.promise.then(() => ended) };
}

async function begun(): Promise<void> {
  const { writeId } = await storage.create('told', 'one', { writeId: writeIdWithin(WHOLE) });
  await storage.settle('told', writeId);
  await storage.replace('told', 'two', { writeId: writeIdWithin(WHOLE) });
}

const ends = {
  undo: () => storage.undo('whole', WHOLE),
  settle: () => storageParts(storage)?.settle({ name: 'whole' as never, writeId: WHOLE }),
};

test.each(['undo', 'settle'] as const)(
  'what a writer that never comes back has staged goes with the write to which it belongs (%s)',
  async how => {
    await begun();
    expect(inside('abc-upload.writes')).toEqual([]);
    const writer = stopped('told', writeIdWithin(WHOLE));
    await expect.poll(() => inside('abc-upload.writes')).toHaveLength(1);
    await ends[how]();
    expect(inside()).toEqual([]);
    // It does come back, changes nothing and leaves nothing.
    writer.goOn();
    expect(await writer.ended).toMatchObject({ code: 'conflict', applied: false });
    await expect(storage.replace('told', 'three', { writeId: writeIdWithin(WHOLE) })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(inside()).toEqual([]);
    await using opened = await storage.open('told');
    expect(await opened.text()).toBe('two');
  },
);

test('a write that belongs to another one is undone by its own id', async () => {
  await begun();
  const { name, writeId } = await storage.create('other', 'one', { writeId: writeIdWithin(WHOLE) });
  expect(inside('abc-upload.writes')).toEqual([writeId]);
  expect(await storage.undo(name, writeId)).toBe('removed');
  expect(inside('abc-upload.writes')).toEqual([]);
  expect(await storage.exists('other')).toBe(false);
  expect(await storage.exists('told')).toBe(true);
});
