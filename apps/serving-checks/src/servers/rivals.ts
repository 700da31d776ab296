import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { load } from '../../rivals/load.ts';
import { FILES } from '../files.ts';
import type { Site } from '../site.ts';
import { listen } from './listen.ts';

/** Other servers of files from a folder, as their own pages say to use them. Loaded when asked for. */
export const rivals: Readonly<Record<string, (root: string) => Promise<RequestListener>>> = {
  send: async root => {
    const { default: send } = (await load('send')) as { readonly default: Send };
    return (request, response) =>
      void send(request, new URL(`http://a${request.url}`).pathname, { root }).pipe(response);
  },
  '@fastify/static': async root => {
    const { default: fastify } = (await load('fastify')) as { readonly default: () => Fastify };
    const { default: plugin } = (await load('@fastify/static')) as { readonly default: unknown };
    const app = fastify();
    app.register(plugin, { root });
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
  'Hono serveStatic': async root => {
    const { Hono } = (await load('hono')) as { readonly Hono: new () => Hono };
    const { etag } = (await load('hono/etag')) as { readonly etag: () => unknown };
    const { serveStatic } = (await load('@hono/node-server/serve-static')) as {
      readonly serveStatic: Options;
    };
    const { getRequestListener } = (await load('@hono/node-server')) as {
      readonly getRequestListener: Listener;
    };
    const app = new Hono();
    app.use('*', etag());
    app.use('*', serveStatic({ root }));
    return getRequestListener(app.fetch);
  },
  sirv: async root => {
    const { default: sirv } = (await load('sirv')) as {
      readonly default: (root: string, options: object) => Middleware;
    };
    const serve = sirv(root, { etag: true, dev: false });
    return (request, response) => {
      try {
        serve(request, response, () => response.writeHead(404).end());
      } catch {
        response.destroy(); // a range beyond all numbers would end the process
      }
    };
  },
};

type Send = (
  request: IncomingMessage,
  path: string,
  options: object,
) => { pipe(to: ServerResponse): unknown };
type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
type Options = (options: object) => unknown;
type Listener = (fetch: unknown) => RequestListener;

interface Fastify {
  register(plugin: unknown, options: object): unknown;
  ready(): Promise<unknown>;
  readonly routing: RequestListener;
}

interface Hono {
  use(path: string, handler: unknown): unknown;
  readonly fetch: unknown;
}

/** A rival with the same files in a folder of its own. */
export async function rivalSite(make: (root: string) => Promise<RequestListener>): Promise<Site> {
  const root = await folderOfFiles();
  const site = await listen(await make(root));
  return {
    ...site,
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]();
      await rm(root, { recursive: true });
    },
  };
}

export async function folderOfFiles(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'fieldfile-served-'));
  for (const [name, content] of Object.entries(FILES)) {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  return root;
}
