import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Site } from '../site.ts';
import { folderOfFiles } from './rivals.ts';

/** Whether the machine has it. */
export const hasNginx = (): Promise<boolean> =>
  promisify(execFile)('nginx', ['-v'])
    .then(() => true)
    .catch(() => false);

/** Debian's nginx with the files in a folder, in a process that ends with the site. */
export async function nginxSite(): Promise<Site> {
  const root = await folderOfFiles();
  const folder = await mkdtemp(join(tmpdir(), 'fieldfile-nginx-'));
  const port = await freePort();
  await mkdir(join(folder, 'logs'));
  await writeFile(join(folder, 'nginx.conf'), configuration(root, folder, port));
  const server = spawn(
    'nginx',
    ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'logs/error.log')],
    {
      stdio: 'ignore',
    },
  );
  while (!(await answers(port))) await setTimeout(20);
  return {
    port,
    async [Symbol.asyncDispose]() {
      const exit = once(server, 'exit');
      server.kill('SIGTERM');
      await exit;
      await rm(folder, { recursive: true });
      await rm(root, { recursive: true });
    },
  };
}

const configuration = (root: string, folder: string, port: number): string => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
events {}
http {
  include /etc/nginx/mime.types;
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(kind => `${kind}_temp_path ${folder}/${kind};`).join(' ')}
  server { listen 127.0.0.1:${port}; root "${root}"; }
}`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise(resolve => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).then(isThere => {
    socket.destroy();
    return isThere as boolean;
  });
}
