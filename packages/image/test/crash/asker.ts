import { appendFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { defineFiles, model } from '@fieldfile/core';
import { imageField } from '@fieldfile/image';
import { ImageVariants, sharpProcessor } from '@fieldfile/image/node';
import { diskOf, type PhotoRow } from './world.ts';

// Asks for one variant 50 times at once, in one of several processes. Each build writes a line. One that is told to die does
// so in the middle of its build, if it comes to build.

const [, , folder = '', digest = '', fate = 'lives'] = process.argv;
const sharp = sharpProcessor();
const variants = new ImageVariants({
  folder: join(folder, 'work'),
  lockSeconds: 5, // so long a living builder is not kept from showing that it lives
  processor: {
    async process(job) {
      appendFileSync(join(folder, 'builds'), `${fate}\n`);
      if (fate === 'dies') process.kill(process.pid, 'SIGKILL');
      return sharp.process(job);
    },
  },
});
const photos = defineFiles(model<PhotoRow>()('photos', 'id'), {
  image: imageField<PhotoRow>({ storage: diskOf(folder), columns: { digest: 'digest' }, variants: {} }),
});
const row: PhotoRow = { id: 1, image: 'first.png', digest };
process.stdin.once('data', async () => {
  // Here, so that the row is in memory: without it the bytes are called after the object's version, and another variant is meant.
  const { stored } = photos.image.of(row);
  if (!stored) throw new Error('The row has no image.');
  const read = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const variant = await variants.of(stored, { width: 15, format: 'webp' });
      return (await (await variant.open()).bytes()).length;
    }),
  );
  writeSync(1, `${new Set(read).size === 1 ? 'all' : 'differ'}\n`);
  process.exit();
});
writeSync(1, 'ready\n');
