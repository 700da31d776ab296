import { writeSync } from 'node:fs';
import process from 'node:process';
import { ImageVariants } from '@fieldfile/image/node';
import { PgBossQueue } from '@fieldfile/image/pg-boss';
import { PgBoss } from 'pg-boss';
import { openKysely, QUEUE_NAME } from './world.ts';

// Takes a job, says so, and never ends it: until it is killed.

const [, , url = '', folder = ''] = process.argv;
const boss = await new PgBoss({ connectionString: url, supervise: false, schedule: false }).start();
const queue = new PgBossQueue(boss, { name: QUEUE_NAME, queue: { expireInSeconds: 1 } });
const { photos } = openKysely(url, folder, queue);
const variants = new ImageVariants({
  lockSeconds: 1,
  processor: {
    process() {
      writeSync(1, 'It has begun.\n');
      return new Promise(() => {});
    },
  },
});
await queue.work({ variants, fields: [photos.fields.image] }, { pollingIntervalSeconds: 0.5 });
