import { configure, defineFiles, isFieldFileError, model } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { beforeEach, expect, test } from 'vitest';
import { image } from '../../test/images.ts';
import { imageField } from '../field/image-field.ts';
import type { ImageProcessor } from '../processor/image-processor.ts';
import { sharpProcessor } from '../processor/sharp-processor.ts';
import { ImageVariants } from '../variants/image-variants.ts';
import { buildVariants } from './build-variants.ts';
import { InProcessQueue } from './in-process-queue.ts';
import type { VariantJob } from './variant-queue.ts';

interface Photo {
  id: number;
  image: string | null;
}

const PICTURE = await image('png', { width: 40, height: 20 });
const reported: unknown[] = [];
beforeEach(() => {
  reported.length = 0;
  configure({ onError: error => reported.push(error) });
});

const VARIANTS = {
  thumb: { width: 10, format: 'webp' },
  shown: { width: 20, formats: ['avif', 'jpeg'] },
} as const;

function photos(queue: InProcessQueue, processor: ImageProcessor = sharpProcessor()) {
  const storage = new MemoryStorage();
  const table = new MemoryTable<Photo>({ key: ['id'], files: ['image'], generated: 'id' });
  const files = defineFiles(
    model<Photo>()('photo', 'id'),
    { image: imageField<Photo>({ storage, variants: VARIANTS, queue }) },
    table.binding,
  );
  const variants = new ImageVariants({ processor });
  const work = { variants, fields: [files.image] };
  const add = async (): Promise<Photo> => {
    const row = { image: null } as unknown as Photo;
    files.image.of(row);
    await table.insert(row);
    await files.image.of(row).save(PICTURE, { name: 'photo.png' });
    return row;
  };
  const built = async (): Promise<number> => {
    let count = 0;
    for await (const { name } of storage.list('fieldfile-derived/')) if (!name.endsWith('.lock')) count++;
    return count;
  };
  return { table, files, work, add, built };
}

test('declared variants are built after the commit, in all their formats', async () => {
  await using queue = new InProcessQueue();
  const { work, add, built } = photos(queue);
  queue.work(work);
  await add();
  await queue.idle();
  expect(await built()).toBe(3);
  expect(reported).toEqual([]);
});

test('nothing is built for a row that was rolled back', async () => {
  await using queue = new InProcessQueue();
  const { table, work, add, built } = photos(queue);
  queue.work(work);
  const rolledBack = table.transaction(async () => {
    await add();
    throw new Error('rolled back');
  });
  await expect(rolledBack).rejects.toThrow('rolled back');
  await queue.idle();
  expect(await built()).toBe(0);
  expect(reported).toEqual([]);
});

test('jobs wait for who works, so many run at a time, and closing waits for all', async () => {
  const queue = new InProcessQueue({ concurrency: 2 });
  let running = 0;
  let most = 0;
  const two = Promise.withResolvers<void>();
  const inner = sharpProcessor();
  const { work, add, built } = photos(queue, {
    async process(job) {
      most = Math.max(most, ++running);
      if (running === 2) two.resolve();
      await two.promise; // no image is ready before a second one is begun
      try {
        return await inner.process(job);
      } finally {
        running--;
      }
    },
  });
  for (let count = 0; count < 5; count++) await add();
  await queue.idle();
  expect(await built()).toBe(0);
  queue.work(work);
  await queue.close();
  expect(await built()).toBe(15);
  expect(most).toBe(2);
});

test('what fails is reported, and the next job is done all the same', async () => {
  await using queue = new InProcessQueue();
  let failures = 0;
  const inner = sharpProcessor();
  const { work, add, built } = photos(queue, {
    async process(job) {
      if (failures++ === 0) throw new Error('The processor is broken.');
      return inner.process(job);
    },
  });
  queue.work(work);
  await add();
  await add();
  await queue.idle();
  expect(reported.map(error => String(error))).toEqual([expect.stringContaining('The processor is broken.')]);
  expect(await built()).toBe(3);
});

test('what is not done when the queue is closed is reported, as is what comes later', async () => {
  const queue = new InProcessQueue();
  const { add, built } = photos(queue);
  await add();
  await queue.close();
  expect(reported).toHaveLength(1);
  await add();
  expect(reported).toHaveLength(2);
  for (const error of reported) expect(isFieldFileError(error, 'aborted')).toBe(true);
  expect(await built()).toBe(0);
});

test('a job of a file that was replaced or removed meanwhile does nothing', async () => {
  const queue = new InProcessQueue();
  const jobs: VariantJob[] = [];
  const { files, work, add, built } = photos(
    Object.assign(queue, { enqueue: (job: VariantJob) => void jobs.push(job) }),
  );
  const row = await add();
  await files.image.of(row).save(PICTURE, { name: 'other.png' });
  const [old, current] = JSON.parse(JSON.stringify(jobs)) as VariantJob[];
  if (!old || !current) throw new Error('There are no jobs.');
  expect(await buildVariants(old, work)).toBe(false);
  expect(await built()).toBe(0);
  expect(await Promise.all([buildVariants(current, work), buildVariants(current, work)])).toEqual([
    true,
    true,
  ]);
  expect(await built()).toBe(3);
  await files.image.of(row).delete();
  expect(await buildVariants(current, work)).toBe(false);
  expect(await built()).toBe(0);
  await expect(buildVariants({ ...current, field: 'cover' }, work)).rejects.toThrow(
    /none of the queue's fields/,
  );
});

test('a file that is replaced while its variants are built leaves none of them', async () => {
  await using queue = new InProcessQueue();
  const reached = Promise.withResolvers<void>();
  const replaced = Promise.withResolvers<void>();
  const inner = sharpProcessor();
  const { files, work, add, built } = photos(queue, {
    async process(job) {
      reached.resolve();
      await replaced.promise;
      return inner.process(job);
    },
  });
  queue.work(work);
  const row = await add();
  await reached.promise;
  await files.image.of(row).delete();
  replaced.resolve();
  await queue.idle();
  expect(await built()).toBe(0);
  expect(reported).toEqual([]);
});

test('a queue needs variants and a binding, and concurrency is a number', () => {
  const queue = new InProcessQueue();
  expect(() => imageField({ queue })).toThrow(/no variants/);
  expect(() =>
    defineFiles(model<Photo>()('photo', 'id'), { image: imageField<Photo>({ variants: {}, queue }) }),
  ).toThrow(/derived.enqueue must be a function, of a field with a binding/);
  expect(() => new InProcessQueue({ concurrency: 0 })).toThrow(/concurrency/);
});
