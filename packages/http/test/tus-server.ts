import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { FileSystemStorage } from '@fieldfile/fs';
import { tusSite, tusWorld } from './tus-world.ts';

// A server of uploads in a process of its own, that can be killed, and one of several on one folder.

const { values } = parseArgs({
  options: { root: { type: 'string', default: '' }, journal: { type: 'string', default: '' } },
});
const world = tusWorld(new FileSystemStorage({ root: values.root }), values.journal);
const site = await tusSite(world.handler());
process.send?.({ origin: site.origin });
await once(process, 'disconnect');
process.exit(0);
