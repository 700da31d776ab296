import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { isFieldFileError } from '@fieldfile/core';
import type { FileSystemStorage } from '@fieldfile/fs';

/** A server of signed downloads on a free port of 127.0.0.1. */
export interface DiskServer extends AsyncDisposable {
  /** What the storage's URLs begin with. */
  readonly url: string;
  /** The storage whose signatures count from now on. */
  serve(storage: FileSystemStorage): void;
}

/** Serves what a signed URL of a storage on the local disk allows, and nothing else. */
export async function serveDisk(): Promise<DiskServer> {
  let served: FileSystemStorage | undefined;
  const server = createServer((request, response) => void answer(served, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    serve(storage) {
      served = storage;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  storage: FileSystemStorage | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (!storage || request.method !== 'GET') return void response.writeHead(405).end();
    const { name: key } = storage.backend.verifyToken(request.url ?? '/', 'GET');
    const { info, stream: body } = await storage.open(key);
    response.writeHead(200, {
      'content-length': info.sizeBytes,
      'content-type': info.contentType ?? 'application/octet-stream',
    });
    await pipeline(body, response);
  } catch (error) {
    // Once it has begun, only a broken connection can tell that the rest is missing.
    if (response.headersSent) response.destroy();
    else response.writeHead(statusOf(error)).end();
  }
}

function statusOf(error: unknown): number {
  if (isFieldFileError(error, 'permission')) return 403;
  return isFieldFileError(error, 'not-found') ? 404 : 500;
}
