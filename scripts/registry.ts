import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Tarball } from './tarballs.ts';

/** A registry for npm that has nothing but these packages. */
export interface Registry extends AsyncDisposable {
  readonly url: string;
}

/** Serves tarballs as they would be published. Every run has an address of its own, so that no cache knows it. */
export async function startRegistry(tarballs: readonly Tarball[]): Promise<Registry> {
  const base = `/${crypto.randomUUID()}`;
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').replace(`${base}/`, '');
    const tarball = tarballs.find(({ name }) => path === name || path === `${name}.tgz`);
    if (!tarball) response.writeHead(404).end();
    else if (path === tarball.name) response.end(JSON.stringify(packument(tarball, url())));
    else response.end(readFileSync(tarball.path));
  });
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}/`;
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: url(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** @see https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md */
function packument({ name, manifest, integrity }: Tarball, registry: string): unknown {
  const { version } = manifest;
  const dist = { integrity, tarball: `${registry}${name}.tgz` };
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } };
}
