import { writeSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { ImageVariants, sharpProcessor } from '@fieldfile/image/node';
import { diskOf, journalOf, openWorld } from './world.ts';

// Builds one variant, and dies in the middle: once its lock was renewed so many times. A lock that is there is taken over
// first.

const [, , folder = '', renewals = '0'] = process.argv;
const storage = diskOf(folder);
const { photos, row } = openWorld(folder, storage, journalOf(folder));
const sharp = sharpProcessor();
const variants = new ImageVariants({
  folder: join(folder, 'work'),
  lockSeconds: 0.3,
  processor: {
    async process(job) {
      const versions = new Set<string>();
      while (versions.size <= Number(renewals)) {
        versions.add((await storage.info(lockName)).version);
        await new Promise(resolve => setTimeout(resolve, 10));
      }
      await sharp.process(job);
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => {});
    },
  },
});
const { stored } = photos.fields.image.of(await row());
if (!stored) throw new Error('The row has no image.');
const thumb = await variants.of(stored, 'thumb');
const lockName = `${thumb.name}.lock`;
await thumb.build();
writeSync(1, 'It was built.\n');
