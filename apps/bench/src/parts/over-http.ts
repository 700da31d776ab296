import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { defineFiles, model, type Storage } from '@fieldfile/core';
import { SqliteJournal } from '@fieldfile/core/node';
import { toNodeHandler } from '@fieldfile/http/node';
import { tus } from '@fieldfile/http/tus';
import { MemoryTable } from '@fieldfile/memory/table';
import type { Figures } from '../comparison.ts';
import { timed } from '../measure.ts';

type Handler = (request: Request) => Response | Promise<Response>;

interface Row {
  id: number;
  file: string | null;
}

const SCRIPT = fileURLToPath(new URL('./send-file.ts', import.meta.url));

/** A request of one file, whose body goes to the storage as it comes. */
export const savedOverHttp = (storage: Storage, sizeBytes: number): Promise<Figures> => {
  const save: Handler = async ({ body }) => {
    if (body) await storage.save('object', body);
    return new Response(null, { status: 204 });
  };
  return served(save, async origin => send('PUT', `${origin}/object`, {}, sizeBytes));
};

/** The same file in one request of a resumable upload. */
export async function uploadedInPieces(
  folder: string,
  storage: Storage,
  sizeBytes: number,
): Promise<Figures> {
  using journal = new SqliteJournal(join(folder, 'journal'));
  const table = new MemoryTable<Row>({ key: ['id'], files: ['file'], journal });
  const { file } = defineFiles(
    model<Row>()('film', 'id'),
    { file: { storage, claims: { signingKey: 'a secret of at least 32 characters' } } },
    table.binding,
  );
  const handler = tus({ field: file, baseUrl: '/uploads/', authorize: () => true, user: () => 'ann' });
  const version = { 'tus-resumable': '1.0.0' };
  const piece = { ...version, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
  return await served(handler, async origin => {
    const begun = { ...version, 'upload-length': String(sizeBytes) };
    const { headers } = await fetch(`${origin}/uploads/`, { method: 'POST', headers: begun });
    await send('PATCH', `${origin}${headers.get('location')}`, piece, sizeBytes);
  });
}

/** Measures this process, which is the server's; the client is another one. */
async function served(handler: Handler, act: (origin: string) => Promise<void>): Promise<Figures> {
  const server = createServer(toNodeHandler(handler)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await timed(() => act(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function send(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  sizeBytes: number,
): Promise<void> {
  const client = [SCRIPT, method, url, JSON.stringify(headers), String(sizeBytes)];
  const { stdout } = await promisify(execFile)(process.execPath, client);
  if (stdout.trim() !== '204') throw new Error(`${method} was answered ${stdout}`);
}
