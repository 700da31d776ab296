import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type StoredPart, storageParts } from '@fieldfile/storage/parts';
import { expect, test } from 'vitest';
import { FileSystemStorage } from '../src/storage.ts';
import { temporaryRoot } from './temporary-root.ts';

/** A part as it is known after the system was started anew. */
const afterBoot = (part: StoredPart): StoredPart => ({
  ...part,
  receipt: part.receipt.replace(/:[^:]*$/, ':'),
});

test('after the system was started anew a part is read again, and one that was lost makes no object', async () => {
  const root = temporaryRoot();
  await using storage = new FileSystemStorage({ root });
  const parts = storageParts(storage);
  if (!parts) throw new Error('There are no parts.');
  for (const isLost of [true, false]) {
    const write = await parts.begin('a.txt');
    const one = afterBoot(await parts.writePart(write, { number: 1, offset: 0 }, 'Hello, '));
    const two = afterBoot(await parts.writePart(write, { number: 2, offset: 7 }, 'world'));
    const folder = join(root, '.fieldfile', `${write.writeId}.parts`);
    const [file = ''] = readdirSync(folder).filter(name => name !== 'name');
    if (isLost) {
      writeFileSync(join(folder, file), Buffer.alloc(12));
      await expect(parts.complete(write, [one, two])).rejects.toMatchObject({ code: 'integrity' });
      await storage.undo('a.txt', write.writeId);
    } else {
      await parts.complete(write, [one, two]);
      await using opened = await storage.open('a.txt');
      expect(await opened.text()).toBe('Hello, world');
      await storage.settle('a.txt', write.writeId);
    }
    expect(readdirSync(join(root, '.fieldfile')).filter(name => name.endsWith('.parts'))).toEqual([]);
  }
});

test('parts that a former release has stored, with a CRC32, become an object or are found to be lost', async () => {
  const root = temporaryRoot();
  await using storage = new FileSystemStorage({ root });
  const parts = storageParts(storage);
  if (!parts) throw new Error('There are no parts.');
  for (const content of ['Hello', 'Hallo']) {
    const write = await parts.begin('a.txt');
    const part = afterBoot(await parts.writePart(write, { number: 1, offset: 0 }, content));
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32('Hello'));
    const [number, file, start] = part.receipt.split(':');
    const former = { ...part, receipt: [number, file, start, bytes.toString('base64'), ''].join(':') };
    if (content === 'Hallo')
      await expect(parts.complete(write, [former])).rejects.toMatchObject({ code: 'integrity' });
    else await parts.complete(write, [former]);
    await storage.undo('a.txt', write.writeId);
  }
});
