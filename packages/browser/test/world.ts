import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defineFiles, type FileField, model } from '@fieldfile/core';
import { recover } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import { FileSystemStorage } from '@fieldfile/fs';
import { mount } from '@fieldfile/http';
import { type ClaimsOptions, claims } from '@fieldfile/http/claims';
import { toNodeHandler } from '@fieldfile/http/node';
import { uploads } from '@fieldfile/http/receive';
import { tus as tusHandler } from '@fieldfile/http/tus';
import { uppy as uppyHandler } from '@fieldfile/http/uppy';
import { MemoryTable } from '@fieldfile/memory/table';
import type { Storage } from '@fieldfile/storage';
import { FileStore } from '@tus/file-store';
import { Server as Tus } from '@tus/server';
import { rolldown } from 'rolldown';

interface Row {
  id: number;
  file: string | null;
}

/** An application with a field, and its page. What it answers can be another's doing: see `instead`. */
export interface World extends AsyncDisposable {
  readonly origin: string;
  readonly storage: Storage;
  readonly field: FileField<Row, 'id', 'file'>;
  /** Every request that was made, as `PUT /media/…`, without what is asked. */
  readonly requests: string[];
  /** Answers in place of the application, if it returns true. */
  instead: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Redeems a token, and gives the content of the row's file. */
  redeem(token: unknown): Promise<string>;
  /** Redeems a token. @returns the SHA-256 of the row's file. */
  redeemedDigest(token: unknown): Promise<string>;
  /** Ends what nobody redeemed, as when its time is over. */
  expire(): Promise<void>;
  readonly folder: string;
  /** More pages and their scripts, by their paths. They have a strict policy. */
  readonly pages: Map<string, string>;
  /** What the server of tus has. */
  readonly tusFolder: string;
  /** Ends the server, and all its connections. */
  stop(): Promise<void>;
  /** Begins again, on the same port. */
  start(): Promise<void>;
}

const KEY = 'the key of these claims, 32 bytes or more';

/** The package as a browser loads it: modules in one file. */
const bundles = new Map<string, Promise<string>>();
function bundled(entry: string): Promise<string> {
  const known = bundles.get(entry);
  if (known) return known;
  const made = (async () => {
    await using bundle = await rolldown({
      input: join(import.meta.dirname, '../src', entry),
      platform: 'browser',
    });
    const { output } = await bundle.generate({ format: 'esm' });
    return output[0].code;
  })();
  bundles.set(entry, made);
  return made;
}

const OWN = { baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' };
const onDisk = (root: string): Storage => new FileSystemStorage({ root, ...OWN });

/**
 * @param storageOf Default: the disk, whose signed uploads are taken below `/media/`.
 * @param options Of claims, that differ from the usual ones.
 */
export async function startWorld(
  storageOf: (folder: string) => Storage = onDisk,
  options: Partial<ClaimsOptions> = {},
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldfile-browser-'));
  const storage = storageOf(join(folder, 'media'));
  const journal = new SqliteJournal(join(folder, 'journal'));
  const table = new MemoryTable<Row>({ key: ['id'], files: ['file'], journal });
  const { file: field } = defineFiles(
    model<Row>()('row', 'id'),
    { file: { storage, claims: { signingKey: KEY }, maxSizeBytes: 4 * 1024 ** 3 } },
    table.binding,
  );
  const tusFolder = join(folder, 'tus');
  const tus = new Tus({ path: '/tus', datastore: new FileStore({ directory: tusFolder }) });
  let nextId = 1;
  const received = uploads({
    authorize: () => true,
    fields: { file: field },
    raw: 'file',
    handle: async ({ file }) => {
      const row: Row = { id: nextId++, file: null };
      if (file) field.set(row, file);
      await table.insert(row);
      return Response.json({ text: await field.of(row).stored?.text() }, { status: 201 });
    },
  });
  const rowOf = async (token: unknown): Promise<Row> => {
    const row: Row = { id: nextId++, file: null };
    field.set(row, await field.redeem(String(token), { for: 'ada' }));
    await table.insert(row);
    return row;
  };
  const redeem = async (token: unknown): Promise<string> =>
    (await field.of(await rowOf(token)).stored?.text()) ?? '';
  const claimed = claims({ field, authorize: () => true, user: () => 'ada', ...options });
  const resumes = (): ReturnType<typeof tusHandler> =>
    tusHandler({ field, baseUrl: '/resumable/', authorize: () => true, user: () => 'ada' });
  let resumable = resumes();
  const uppy = uppyHandler({
    ...{ field, baseUrl: '/uppy/', authorize: () => true, user: () => 'ada' },
    onError: () => {}, // a storage that signs no parts
  });
  const pages = new Map<string, string>();
  const stored = mount(storage);
  const media = toNodeHandler(stored);
  const application = toNodeHandler(async request => {
    const { pathname } = new URL(request.url);
    if (pathname === '/claims') return claimed(request);
    if (pathname.startsWith('/resumable/')) return resumable(request);
    if (pathname.startsWith('/uppy/')) return uppy(request);
    if (pathname === '/received') return received(request);
    if (pathname === '/photos') return new Response(await redeem((await request.formData()).get('photo')));
    if (pathname.endsWith('.js') && !pages.has(pathname))
      return new Response(await bundled(pathname.slice(1).replace('.js', '.ts')), {
        headers: { 'content-type': 'text/javascript' },
      });
    if (pathname === '/favicon.ico') return new Response(null, { status: 204 });
    return new Response(pages.get(pathname) ?? PAGE, {
      headers: {
        'content-type': pathname.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8',
        ...(pages.has(pathname) ? { 'content-security-policy': POLICY } : {}),
      },
    });
  });
  const requests: string[] = [];
  let server: Server | undefined;
  let port = 0;
  const world: World = {
    get origin() {
      return `http://127.0.0.1:${port}`;
    },
    ...{ storage, field, requests, folder, tusFolder, pages, redeem },
    instead: () => false,
    async redeemedDigest(token) {
      const hash = createHash('sha256');
      for await (const chunk of field.of(await rowOf(token)).stored?.stream() ?? []) hash.update(chunk);
      return hash.digest('hex');
    },
    async expire() {
      using database = new DatabaseSync(join(folder, 'journal'));
      database.exec('UPDATE fieldfile_journal SET due = 0');
      await recover(journal);
    },
    async start() {
      resumable = resumes(); // with nothing in memory, as another process
      const starting = createServer((request, response) => {
        const [path = ''] = (request.url ?? '').split('?');
        requests.push(`${request.method} ${path}`);
        if (world.instead(request, response)) return;
        if (path.startsWith('/tus')) void tus.handle(request, response);
        else if (path.startsWith('/media/')) void media(request, response);
        else void application(request, response);
      });
      server = starting;
      await new Promise<void>((resolve, reject) => {
        starting.once('error', reject).listen(port, '127.0.0.1', resolve);
      });
      port = (starting.address() as AddressInfo).port;
    },
    async stop() {
      const closed = new Promise(resolve => server?.close(resolve));
      server?.closeAllConnections();
      await closed;
    },
    async [Symbol.asyncDispose]() {
      await world.stop();
      journal.close();
      rmSync(folder, { recursive: true });
    },
  };
  await world.start();
  return world;
}

/** As strict as a page's policy gets. */
const POLICY = "default-src 'self'; require-trusted-types-for 'script'";

const PAGE = `<!doctype html><html lang="en"><title>Uploads</title><main><h1>Uploads</h1></main>
<script type="module">
  globalThis.fieldfile = await import('/index.js');
</script></html>`;
