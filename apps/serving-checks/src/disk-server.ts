import { FileSystemStorage } from '@fieldfile/fs';
import { serve } from '@fieldfile/http';
import { toNodeHandler } from '@fieldfile/http/node';
import { listen } from './servers/listen.ts';

// disk-server.ts ROOT: serves a folder, and tells its parent the port, then its peak resident set in bytes when asked.

const storage = new FileSystemStorage({ root: process.argv[2] ?? '' });
const site = await listen(
  toNodeHandler(request => serve(request, { storage, name: new URL(request.url).pathname.slice(1) })),
);
process.on('message', () => process.send?.(process.resourceUsage().maxRSS * 1024));
process.send?.(site.port);
