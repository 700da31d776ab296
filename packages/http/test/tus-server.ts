import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { FileSystemStorage } from '@fieldfile/fs';
import { S3Storage } from '@fieldfile/s3';
import type { Storage } from '@fieldfile/storage';
import { tusSite, tusWorld } from './tus-world.ts';

// A server of uploads in a process of its own, that can be killed, and one of several on one folder or bucket.

const { values } = parseArgs({
  options: {
    root: { type: 'string', default: '' },
    journal: { type: 'string', default: '' },
    /** JSON of the options of an S3 storage, in place of a folder. */
    s3: { type: 'string' },
  },
});
const storage: Storage =
  values.s3 === undefined
    ? new FileSystemStorage({ root: values.root })
    : new S3Storage(JSON.parse(values.s3));
const world = tusWorld(storage, values.journal);
const site = await tusSite(world.handler());
process.send?.({ origin: site.origin });
await once(process, 'disconnect');
process.exit(0);
