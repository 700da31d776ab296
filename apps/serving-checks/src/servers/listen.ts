import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Site } from '../site.ts';

/** Serves on a free port of 127.0.0.1. */
export async function listen(listener: RequestListener, fileHost?: string): Promise<Site> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    ...(fileHost === undefined ? {} : { fileHost }),
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
