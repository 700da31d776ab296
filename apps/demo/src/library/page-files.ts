import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Context, Hono } from 'hono';
import type { LibraryView } from './file-view.ts';

const SOURCES = fileURLToPath(new URL('../', import.meta.url));

/** What is served of the sources: the page, and what page and server tell each other. */
const SERVED = /^\/(?:page\/[\w/-]+\.(?:ts|css|svg)|(?:labs|library)\/[\w-]+-view\.ts)$/;

/** Modules that the page imports by their names. */
const MODULES: Readonly<Record<string, string>> = {
  preact: fileURLToPath(import.meta.resolve('preact')),
  'preact/hooks': fileURLToPath(import.meta.resolve('preact/hooks')),
  htm: fileURLToPath(import.meta.resolve('htm')),
};

/** The package of uploads is modules, too. */
const BROWSER = fileURLToPath(import.meta.resolve('@fieldfile/browser'));

const TYPES: Readonly<Record<string, string>> = {
  ts: 'text/javascript; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/**
 * The page's own files. There is no build: the browser loads the modules of `src/page` as they are, without their types, and
 * Preact out of `node_modules`.
 *
 * @param library what the page shows first. It comes with the page, so that the page has not to ask.
 * @param storages where it sends files itself.
 */
export async function pageFiles(
  library: () => Promise<LibraryView>,
  storages: readonly string[],
): Promise<Hono> {
  const routes = new Hono();
  const map = JSON.stringify({
    imports: {
      ...Object.fromEntries(Object.keys(MODULES).map(name => [name, `/modules/${name}.js`])),
      '@fieldfile/browser': `/browser/${basename(BROWSER)}`,
    },
  });
  const scripts = await modulesOfFirstView(join(SOURCES, 'page/main.ts'));
  // In the page, too: a slow phone waits for each file that it has to ask for.
  const styles = await Promise.all(
    ['page/style.css', 'page/library.css'].map(path => readFile(join(SOURCES, path), 'utf8')),
  ).then(files => files.join(''));
  const html = (await readFile(join(SOURCES, 'page/index.html'), 'utf8'))
    .replace('<!-- styles -->', () => `<style>${styles}</style>`)
    .replace('<!-- import map -->', `<script type="importmap">${map}</script>`)
    .replace(
      '<!-- preloads -->',
      [...scripts, ...Object.keys(MODULES).map(name => `/modules/${name}.js`)]
        .map(path => `<link rel="modulepreload" href="${path}">`)
        .join('\n    '),
    );
  const policy = [
    "default-src 'none'",
    `script-src 'self' '${hashOf(map)}'`,
    `style-src 'self' '${hashOf(styles)}'`,
    ...['img-src', 'media-src'].map(name => `${name} 'self'`),
    ['connect-src', "'self'", ...storages].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

  routes.get('/', async context => {
    const data = JSON.stringify(await library()).replaceAll('<', '\\u003c'); // no name of a file ends the element
    const page = html.replace(
      '<!-- library -->',
      () => `<script type="application/json" id="library">${data}</script>`,
    );
    return send(context, page, 'text/html; charset=utf-8', policy);
  });
  routes.get('/:folder{page|labs|library}/*', async (context, next) => {
    const { path } = context.req;
    if (!SERVED.test(path)) return next();
    return (await source(context, join(SOURCES, path))) ?? next();
  });
  routes.get('/browser/:path{[\\w/-]+\\.(?:ts|js)}', async (context, next) => {
    return (await source(context, join(dirname(BROWSER), context.req.param('path')))) ?? next();
  });
  for (const [name, path] of Object.entries(MODULES))
    routes.get(`/modules/${name}.js`, async context =>
      // Without the line that names a source map, which is not served.
      send(context, (await readFile(path, 'utf8')).replace(/\n?\/\/# sourceMappingURL=.*/, ''), TYPES.ts),
    );
  return routes;
}

/** As a content security policy names what stands in the page itself. */
const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** A file as the browser takes it. @returns undefined where there is none. */
async function source(context: Context, path: string): Promise<Response | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const extension = path.slice(path.lastIndexOf('.') + 1);
  return send(context, extension === 'ts' ? stripTypeScriptTypes(text) : text, TYPES[extension]);
}

async function send(context: Context, text: string, type = '', policy?: string): Promise<Response> {
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 16)}"`;
  const headers = {
    'content-type': type,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    vary: 'accept-encoding',
    etag,
    ...(policy === undefined ? {} : { 'content-security-policy': policy }),
  };
  if (context.req.header('if-none-match') === etag) return new Response(null, { status: 304, headers });
  if (!/\bgzip\b/.test(context.req.header('accept-encoding') ?? '')) return new Response(text, { headers });
  const body = new Uint8Array(await promisify(gzip)(text));
  return new Response(body, { headers: { ...headers, 'content-encoding': 'gzip' } });
}

/** What a module imports statically, and what that imports: the browser asks for all of it at once. */
async function modulesOfFirstView(path: string, found: Set<string> = new Set()): Promise<string[]> {
  found.add(path);
  const code = stripTypeScriptTypes(await readFile(path, 'utf8'));
  for (const [, name = ''] of code.matchAll(/^(?:import|export) (?:[^'"]* from )?'(\.[^']+)';/gm)) {
    const imported = join(dirname(path), name);
    if (!found.has(imported)) await modulesOfFirstView(imported, found);
  }
  return [...found].map(module => `/${module.slice(SOURCES.length)}`);
}
