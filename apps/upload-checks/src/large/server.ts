import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { toNodeHandler } from '@fieldfile/http/node';
import { tus } from '@fieldfile/http/tus';
import { openSite, USER } from './site.ts';

// One of several servers of the application, in a process of its own. It sends its address to its parent, and ends with that.

const { values } = parseArgs({
  options: {
    root: { type: 'string', default: '' },
    journalFile: { type: 'string', default: '' },
    /** The script of the page. */
    script: { type: 'string', default: '' },
  },
});
const { file } = openSite(values);
const uploads = tus({ field: file, baseUrl: '/uploads/', authorize: () => true, user: () => USER });
const type = (contentType: string): ResponseInit => ({ headers: { 'content-type': contentType } });
const handler = async (request: Request): Promise<Response> => {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith('/uploads/')) return uploads(request);
  if (pathname === '/page.js') return new Response(readFileSync(values.script), type('text/javascript'));
  return new Response(
    '<!doctype html><input type="file"><script src="/page.js"></script>',
    type('text/html'),
  );
};
const server = createServer(toNodeHandler(handler));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.send?.({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
await once(process, 'disconnect');
process.exit(0);
