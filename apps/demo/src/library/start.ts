import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { recoverContinuously } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import { problem, Tokens } from '@fieldfile/http';
import { toNodeHandler } from '@fieldfile/http/node';
import { KyselyFiles } from '@fieldfile/kysely';
import { Hono } from 'hono';
import type { Settings } from '../demo/settings.ts';
import type { StorageName } from '../demo/storage-name.ts';
import { crashRoutes } from '../labs/crash-routes.ts';
import { GivenLinks } from '../labs/given-links.ts';
import { memoryRoutes } from '../labs/memory-routes.ts';
import { storageRoutes } from '../labs/storage-routes.ts';
import { addSamples } from '../samples/add-samples.ts';
import { Changes, UNDO_SECONDS } from './changes.ts';
import { openDatabase } from './database.ts';
import { Events } from './events.ts';
import { viewOf } from './file-view.ts';
import { type OpenedShelf, openShelf } from './open-shelves.ts';
import { pageFiles } from './page-files.ts';
import { libraryOf, libraryRoutes } from './routes.ts';
import { sameOrigin } from './same-origin.ts';
import type { Shelf } from './shelves.ts';
import { signingKeyIn } from './signing-key.ts';
import { storageOrigins } from './storage-origins.ts';
import { Thumbnails } from './thumbnails.ts';

export interface DemoOptions {
  /** Where rows, journal and the disk's objects are. */
  readonly folder: string;
  readonly storages: readonly StorageName[];
  readonly settings: Settings;
  /** 0: any that is free. */
  readonly port: number;
  /** Whether an empty library gets a few files to look at. */
  readonly samples: boolean;
}

export interface Demo extends AsyncDisposable {
  readonly url: string;
  /** Settles when every storage is there, or could not be opened: some start a server first. */
  readonly complete: Promise<void>;
}

/** The whole application, composed: database, journal, storages, routes, server. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { folder, settings } = options;
  await mkdir(folder, { recursive: true });
  const db = openDatabase(join(folder, 'rows.sqlite'));
  const journal = new SqliteJournal(join(folder, 'files.journal'), { keepRemovedSeconds: 2 * UNDO_SECONDS });
  const files = new KyselyFiles(db, { journal });
  const signingKey = await signingKeyIn(folder);
  const links = new GivenLinks(join(folder, 'links.sqlite'));
  const events = new Events();
  const changes = new Changes(events, new Tokens({ secrets: randomBytes(32) }));
  const thumbnails = new Thumbnails();
  const shelves = new Map<StorageName, Shelf>();
  const opened: OpenedShelf[] = [];
  const closing = new AbortController();

  const open = async (name: StorageName): Promise<void> => {
    const one = await openShelf(name, { folder, db, files, signingKey, settings });
    opened.push(one);
    const { shelf } = one;
    shelves.set(name, shelf);
    const rows = await shelf.all();
    if (name === 'fs' && options.samples && rows.length === 0) await addSamples(shelf, changes);
    events.tell({
      kind: 'shelf',
      shelf: shelf.view,
      files: (await shelf.all()).map(row => viewOf(name, row)),
    });
  };
  // The disk is there at once. The others follow while the page is looked at.
  const [first, ...others] = options.storages;
  if (first) await open(first);
  const complete = Promise.allSettled(
    others.map(name => open(name).catch(error => console.error(`${name} is left out: ${error}`))),
  ).then(async () => {
    if (closing.signal.aborted) return;
    // What a process left that was killed is finished now; what was deleted goes when it cannot be brought back.
    void recoverContinuously(journal, { signal: closing.signal, everySeconds: 5 }).catch(error => {
      if (!closing.signal.aborted) throw error;
    });
  });

  const app = new Hono();
  app.use(sameOrigin);
  app.onError((error, context) => problem(error, { request: context.req.raw }));
  app.route('/', libraryRoutes({ shelves, changes, events, thumbnails }));
  app.route('/', storageRoutes({ shelves, changes, journal, links }));
  app.route('/', memoryRoutes());
  app.route('/', crashRoutes());
  app.route('/', await pageFiles(() => libraryOf(shelves), storageOrigins(options.storages, settings)));

  const server = createServer(toNodeHandler(request => app.fetch(request)));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, '127.0.0.1', resolve);
  });
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    complete,
    async [Symbol.asyncDispose]() {
      closing.abort();
      events.close();
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await complete;
      thumbnails[Symbol.dispose]();
      for (const one of opened) await one.close();
      await db.destroy();
      links[Symbol.dispose]();
      journal.close();
    },
  };
}
