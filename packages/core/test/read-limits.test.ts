import { gzipSync } from 'node:zlib';
import { defineFiles, model, type StoredFile } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { newWriteId, objectName, toSource } from '@fieldfile/storage/backend';
import { expect, test } from 'vitest';

interface NoteRow {
  id: number;
  text: string | null;
}

/** A row whose file is `stored`, put there by somebody else under that encoding. */
async function noteWith(
  stored: string | Uint8Array,
  { maxSizeBytes, contentEncoding }: { maxSizeBytes?: number; contentEncoding?: string },
): Promise<StoredFile<NoteRow>> {
  const storage = new MemoryStorage();
  const { backend } = storage;
  const name = objectName('a.txt', backend.limits, 'test', backend.id);
  await backend.replace(name, toSource(stored, { operation: 'test' }), {
    writeId: newWriteId(),
    ...(contentEncoding === undefined ? {} : { contentEncoding }),
  });
  const notes = defineFiles(model<NoteRow>()('note', 'id'), {
    text: { storage, ...(maxSizeBytes === undefined ? {} : { maxSizeBytes }) },
  });
  const file = notes.text.of({ id: 1, text: 'a.txt' }).stored;
  if (!file) throw new Error('The row has no file.');
  return file;
}

type Read = (file: StoredFile, options?: { maxBytes?: number; endExclusive?: number }) => Promise<unknown>;

const INTO_MEMORY: readonly (readonly [string, Read])[] = [
  ['bytes', (file, options) => file.bytes(options)],
  ['arrayBuffer', (file, options) => file.arrayBuffer(options)],
  ['text', (file, options) => file.text(options)],
  ['blob', (file, options) => file.blob(options)],
  ['lines', (file, options) => Array.fromAsync(file.lines(options))],
];
const STREAMING: readonly (readonly [string, Read])[] = [
  ['stream', (file, options) => Array.fromAsync(file.stream(options))],
  [
    'open',
    async (file, options) => {
      await using opened = await file.open(options);
      return await opened.bytes();
    },
  ],
];

const BOMB = gzipSync(Buffer.alloc(1_000_000));
const tooLarge = { code: 'too-large', field: 'note.text' };

test.each(INTO_MEMORY)('%s() gives no more than the field takes, unless it is asked to', async (_, read) => {
  const bomb = await noteWith(BOMB, { maxSizeBytes: 5000, contentEncoding: 'gzip' });
  await expect(read(bomb)).rejects.toMatchObject(tooLarge);
  await expect(read(bomb, { maxBytes: 999_999 })).rejects.toMatchObject(tooLarge);
  await read(bomb, { maxBytes: 1_000_000 });
  await read(bomb, { maxBytes: Number.POSITIVE_INFINITY });
  await read(bomb, { endExclusive: 5000 });
  const long = await noteWith('x'.repeat(5001), { maxSizeBytes: 5000 });
  await expect(read(long)).rejects.toMatchObject(tooLarge);
  await read(await noteWith('x'.repeat(5000), { maxSizeBytes: 5000 }));
  await read(await noteWith(BOMB, { contentEncoding: 'gzip' }));
});

test.each(STREAMING)('%s() has the limit that it is given', async (_, read) => {
  const bomb = await noteWith(BOMB, { maxSizeBytes: 5000, contentEncoding: 'gzip' });
  await read(bomb);
  await expect(read(bomb, { maxBytes: 999_999 })).rejects.toMatchObject({ code: 'too-large' });
  await read(bomb, { maxBytes: 1_000_000 });
});
