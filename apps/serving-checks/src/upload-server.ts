import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { defineFiles, model } from '@fieldfile/core';
import { clamd } from '@fieldfile/core/node';
import { FileSystemStorage } from '@fieldfile/fs';
import { toNodeHandler } from '@fieldfile/http/node';
import { uploads } from '@fieldfile/http/receive';
import { listen } from './servers/listen.ts';

// upload-server.ts WAY ROOT SOCKET: takes forms with a file and stores it durably, in one of the ways below. Tells its parent
// the port, and at each message the CPU time used so far, in ms. SOCKET is clamd's.

const [way = '', root = '', socketPath = ''] = process.argv.slice(2);

const WAYS: Readonly<Record<string, () => RequestListener>> = {
  FieldFile: () => fieldFile(),
  'FieldFile, with clamd': () => fieldFile(socketPath),
  'busboy and a bare durable write': () => bare,
};

interface Row {
  id: number;
  file: string | null;
}

function fieldFile(socket?: string): RequestListener {
  const storage = new FileSystemStorage({ root });
  const inspect =
    socket === undefined
      ? {}
      : { inspect: clamd({ socketPath: socket, maxBytes: 2 ** 31, timeoutSeconds: 600 }) };
  const { file } = defineFiles(model<Row>()('upload', 'id'), { file: { storage, ...inspect } });
  return toNodeHandler(
    uploads({
      authorize: () => true,
      fields: { file },
      handle: async received => {
        if (!received.file) return new Response(null, { status: 422 });
        file.set({ id: 1, file: null }, received.file); // it stays, as a row's would
        return new Response(null, { status: 201 });
      },
    }),
  );
}

let count = 0;

/** A temporary file of 1 MiB writes, flushed, linked to its name, and its folder flushed. */
const bare: RequestListener = async (request, response) => {
  await mkdir(root, { recursive: true });
  const busboy = new Busboy({ headers: request.headers as BusboyHeaders });
  const stored = once(busboy, 'file').then(async ([, content]) => {
    const temporary = join(root, `temporary-${++count}`);
    const file = await open(temporary, 'wx');
    await pipeline(content, createWriteStream('', { fd: file.fd, autoClose: false, highWaterMark: 2 ** 20 }));
    await file.sync();
    await file.close();
    await link(temporary, join(root, `file-${count}`));
    await unlink(temporary);
    const folder = await open(root);
    await folder.sync();
    await folder.close();
  });
  await Promise.all([pipeline(request, busboy), stored]);
  response.writeHead(201).end();
};

const listener = WAYS[way];
if (!listener) throw new Error(`There is no way ${way}.`);
const site = await listen(listener());
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1000);
});
process.once('disconnect', () => process.exit());
process.send?.(site.port);
