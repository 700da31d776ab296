import { join } from 'node:path';
import { defineFiles, isFieldFileError, model } from '@fieldfile/core';
import { SqliteJournal } from '@fieldfile/core/node';
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import type { Storage } from '@fieldfile/storage';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { isInstalled, pdf, video } from '../../test/documents.ts';
import { image } from '../../test/images.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';
import { pdfPreview } from '../preview/pdf-preview.ts';
import { previewProcessor } from '../preview/preview-processor.ts';
import { videoPreview } from '../preview/video-preview.ts';
import { sharpProcessor } from '../processor/sharp-processor.ts';
import { ImageVariants } from '../variants/image-variants.ts';
import { previewField } from './preview-field.ts';

interface Paper {
  id: number;
  file: string | null;
  digest: string | null;
}

const folder = temporaryFolder();
afterAll(() => folder.remove());

let counter = 0;

function papers(storage: Storage) {
  const journal = new SqliteJournal(join(folder.path, `journal-${counter++}`));
  const table = new MemoryTable<Paper>({ key: ['id'], files: ['file'], generated: 'id', journal });
  const files = defineFiles(
    model<Paper>()('paper', 'id'),
    {
      file: previewField<Paper>({
        storage,
        columns: { digest: 'digest' },
        variants: { card: { width: 20, height: 20, fit: 'cover', format: 'webp' } },
      }),
    },
    table.binding,
  );
  const processor = previewProcessor(sharpProcessor(), [pdfPreview(), videoPreview()]);
  const variants = new ImageVariants({ processor });
  const card = async (row: Paper) => {
    const { stored } = files.file.of(row);
    if (!stored) throw new Error('The row has no file.');
    return variants.of(stored, 'card');
  };
  return { table, files, card };
}

async function names(storage: Storage): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of storage.list()) found.push(name);
  return found.sort();
}

const isReady = ['pdftoppm', 'ffmpeg'].map(isInstalled).every(Boolean);

test.skipIf(!isReady).each([
  ['in memory', () => new MemoryStorage()],
  ['on disk', () => new FileSystemStorage({ root: join(folder.path, `disk-${counter++}`) })],
] as const)('a PDF, a video and an image have the same variants, which go with them; %s', async (_, make) => {
  const storage: Storage = make();
  const { table, files, card } = papers(storage);
  const row = { file: null, digest: null } as unknown as Paper;
  files.file.of(row);
  await table.insert(row);
  const given = [
    ['paper.pdf', pdf()],
    ['film.mp4', video(folder.path)],
    ['picture.png', await image('png', { width: 64, height: 48 })],
  ] as const;
  const made = new Set<string>();
  for (const [name, bytes] of given) {
    await files.file.of(row).save(bytes, { name });
    const variant = await card(row);
    await using opened = await variant.open();
    const { width, height, format } = await sharp(await new Response(opened.stream).bytes()).metadata();
    expect([width, height, format]).toEqual([20, 20, 'webp']);
    made.add(variant.name);
    expect(await names(storage)).toEqual([variant.name, row.file]);
  }
  expect(made.size).toBe(3);
  await files.file.of(row).delete();
  expect(await names(storage)).toEqual([]);
});

test('every file is taken, and what nothing can be drawn of has no variants', async () => {
  const { table, files, card } = papers(new MemoryStorage());
  const row = { file: null, digest: null } as unknown as Paper;
  files.file.of(row);
  await table.insert(row);
  await files.file.of(row).save('text', { name: 'a.txt' });
  await expect((await card(row)).build()).rejects.toSatisfy(error => isFieldFileError(error, 'not-accepted'));
  await files.file.of(row).save(await image('png'), { name: 'a.png' });
  expect((await (await card(row)).info()).contentType).toBe('image/webp');
});

test('a variant that is none is refused where it is declared', () => {
  expect(() => previewField({ variants: { card: { width: 0, format: 'webp' } } })).toThrow(
    /The variant card is no transformation/,
  );
});
