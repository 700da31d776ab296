import type { RequestListener } from 'node:http';
import { FileSystemStorage } from '@fieldfile/fs';
import { nameOf, serve } from '@fieldfile/http';
import { toNodeHandler } from '@fieldfile/http/node';
import { listen } from './servers/listen.ts';
import { rivals } from './servers/rivals.ts';

// bench-server.ts SERVER ROOT: serves a folder, tells its parent the port, and at each message the CPU time used so far, in ms.

const [server = '', root = ''] = process.argv.slice(2);

async function listener(): Promise<RequestListener> {
  const rival = rivals[server];
  if (rival) return rival(root);
  const storage = new FileSystemStorage({ root });
  return toNodeHandler(request => serve(request, { storage, name: nameOf(request, '/') }));
}

const site = await listen(await listener());
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1000);
});
process.once('disconnect', () => process.exit());
process.send?.(site.port);
