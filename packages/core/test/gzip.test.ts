import { createHash } from 'node:crypto';
import { defineFiles, type FieldFile, model, type StoredFile } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { expect, test } from 'vitest';

interface PageRow {
  id: number;
  style: string | null;
  styleSize?: number | null;
  styleDigest?: string | null;
}

const CSS = Array.from({ length: 1000 }, (_, index) => `.rule-${index} { margin: 0 }\n`).join('');

function fieldOn(storage: MemoryStorage) {
  const pages = defineFiles(model<PageRow>()('page', 'id'), {
    style: { storage, columns: { size: 'styleSize', digest: 'styleDigest' } },
  });
  const row: PageRow = { id: 1, style: null };
  return { row, pages, handle: pages.style.of(row) };
}

function storedOf(handle: FieldFile<PageRow>): StoredFile<PageRow> {
  if (!handle.stored) throw new Error('The row has no file.');
  return handle.stored;
}

async function readsAsGiven(file: FieldFile<PageRow>): Promise<void> {
  const handle = storedOf(file);
  expect(await handle.text()).toBe(CSS);
  expect(Buffer.from(await handle.bytes({ start: 100, endExclusive: 200 })).toString()).toBe(
    CSS.slice(100, 200),
  );
  const stream = handle.stream();
  expect(Buffer.concat(await Array.fromAsync(stream)).toString()).toBe(CSS);
}

test('a field on a storage that compresses reads as it was given; its digest is of the content, its size of what is stored', async () => {
  const storage = new MemoryStorage({ gzip: true });
  const { row, handle } = fieldOn(storage);
  await handle.save(CSS, { name: 'style.css', contentType: 'text/css' });
  await readsAsGiven(handle);
  expect(row.styleDigest).toBe(`sha256-${createHash('sha256').update(CSS).digest('base64')}`);
  expect(row.styleSize).toBe((await storage.info('style.css')).sizeBytes);
  expect(row.styleSize).toBeLessThan(CSS.length);
});

test('a file moves between storages that compress and such that do not', async () => {
  const compressed = fieldOn(new MemoryStorage({ gzip: true }));
  const plain = fieldOn(new MemoryStorage());
  await compressed.handle.save(CSS, { name: 'style.css', contentType: 'text/css' });
  await plain.handle.save(storedOf(compressed.handle));
  await readsAsGiven(plain.handle);
  expect(plain.row.styleSize).toBe(CSS.length);
  const again = fieldOn(new MemoryStorage({ gzip: true }));
  await again.handle.save(storedOf(plain.handle));
  await readsAsGiven(again.handle);
});
