import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { FileSystemStorage } from '@fieldfile/fs';
import { tusSite, tusWorld } from '../tus-world.ts';
const { values } = parseArgs({ options: { root: { type: 'string', default: '' }, journal: { type: 'string', default: '' }, s3: {type:'string'} } });
let storage;
if (values.s3) {
  const { S3Storage } = await import('@fieldfile/s3');
  const s = JSON.parse(values.s3);
  storage = new S3Storage({ bucketName: 'media', endpointUrl: s.endpoint, regionName: s.region, accessKey: s.accessKeyId, secretKey: s.secretAccessKey });
} else storage = new FileSystemStorage({ root: values.root });
const world = tusWorld(storage, values.journal);
const site = await tusSite(world.handler());
process.send?.({ origin: site.origin });
const peak: Record<string, number> = {};
setInterval(() => { const m = process.memoryUsage(); for (const [k,v] of Object.entries(m)) peak[k] = Math.max(peak[k] ?? 0, v); }, 20).unref();
process.on('message', () => { process.send?.({ peak, now: process.memoryUsage(), cpu: process.cpuUsage() }); });
await once(process, 'disconnect');
process.exit(0);
