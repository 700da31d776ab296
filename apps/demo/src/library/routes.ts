import { FieldFileError } from '@fieldfile/core';
import { files, mount, problem } from '@fieldfile/http';
import { canSignUrls } from '@fieldfile/storage';
import { type Context, Hono } from 'hono';
import type { Changes } from './changes.ts';
import type { Events } from './events.ts';
import { type FileDetails, type LibraryView, viewOf } from './file-view.ts';
import { cleanTitle, receiveUpload } from './receive-upload.ts';
import type { Shelf } from './shelves.ts';
import { pictureNamed, type Thumbnails } from './thumbnails.ts';

/** How long the signed URL of the details holds. */
const URL_SECONDS = 300;

export interface LibraryRoutesOptions {
  readonly shelves: ReadonlyMap<string, Shelf>;
  readonly changes: Changes;
  readonly events: Events;
  readonly thumbnails: Thumbnails;
}

/** Everything that the library's page asks for. */
export function libraryRoutes({ shelves, changes, events, thumbnails }: LibraryRoutesOptions): Hono {
  const routes = new Hono();

  routes.get('/api/library', async context => context.json(await libraryOf(shelves)));

  routes.get('/api/events', context => events.stream(context));

  routes.post('/api/library/:shelf', async context => {
    const shelf = shelfOf(context);
    await using upload = await receiveUpload(context.req.raw, shelf);
    return context.json(await changes.add(shelf, upload.title, upload.file), 201);
  });

  // A large file comes piece by piece, or goes straight to the storage, and becomes a row when it is whole.
  routes.post('/claims/:shelf', context => shelfOf(context).claims(context.req.raw));
  routes.all('/uploads/:shelf/*', context => shelfOf(context).uploads(context.req.raw));

  routes.post('/api/library/:shelf/uploaded', async context => {
    const shelf = shelfOf(context);
    const { title, token } = await context.req.json<{ readonly title?: unknown; readonly token?: unknown }>();
    const file = await shelf.uploaded(String(token));
    return context.json(await changes.add(shelf, cleanTitle(String(title)), file), 201);
  });

  routes.put('/api/library/:shelf/:id/content', async context => {
    const shelf = shelfOf(context);
    await using upload = await receiveUpload(context.req.raw, shelf);
    return context.json(await changes.replace(shelf, idOf(context), versionOf(context), upload.file));
  });

  routes.patch('/api/library/:shelf/:id', async context => {
    const { title } = await context.req.json<{ readonly title?: unknown }>();
    const cleaned = cleanTitle(String(title));
    return context.json(await changes.rename(shelfOf(context), idOf(context), versionOf(context), cleaned));
  });

  routes.delete('/api/library/:shelf/:id', async context =>
    context.json({ undo: await changes.remove(shelfOf(context), idOf(context)) }),
  );

  routes.post('/api/library/:shelf/undo', async context =>
    context.json(await changes.bringBack(shelfOf(context), await context.req.text()), 201),
  );

  routes.post('/api/library/:shelf/:id/copy', async context => {
    const to = shelfNamed(context.req.query('to') ?? '');
    return context.json(await changes.copy(shelfOf(context), idOf(context), to), 201);
  });

  routes.get('/api/library/:shelf/:id', async context => {
    const shelf = shelfOf(context);
    const row = await shelf.find(idOf(context));
    const { stored } = shelf.table.fields.file.of(row);
    if (!stored) throw new FieldFileError('no-file', 'This row has no file.', { operation: 'details' });
    const info = await stored.info();
    const details: FileDetails = {
      objectName: stored.name,
      objectVersion: info.version ?? null,
      lastModified: info.lastModified?.getTime() ?? null,
      ...(canSignUrls(shelf.storage)
        ? {
            url: await stored.url({ expiresInSeconds: URL_SECONDS }),
            urlEndsAt: Date.now() + URL_SECONDS * 1000,
          }
        : { url: null, urlEndsAt: null }),
    };
    return context.json(details);
  });

  // Files as answers: ranges for players, conditions for caches, headers that are safe for what strangers upload.
  routes.get('/files/:shelf/:id', async context => {
    const shelf = shelfOf(context);
    const row = await shelf.find(idOf(context));
    const disposition = context.req.query('download') === undefined ? 'inline' : 'attachment';
    const handler = files({
      baseUrl: '/files/',
      find: () => shelf.table.fields.file.of(row),
      authorize: () => true, // everybody who can reach this page
      serve: { download: row.title, disposition },
    });
    return handler(context.req.raw);
  });

  routes.get('/thumbnails/:shelf/:id', async context => {
    const shelf = shelfOf(context);
    const file = shelf.table.fields.file.of(await shelf.find(idOf(context)));
    return thumbnails.answer(file, pictureNamed(context.req.query('size')), context.req.raw);
  });

  // A disk and this process's memory serve no URLs themselves.
  routes.all('/media/:shelf/*', context => mount(shelfOf(context).storage)(context.req.raw));

  routes.onError((error, context) => problem(error, { request: context.req.raw }));

  const shelfNamed = (name: string): Shelf => {
    const shelf = shelves.get(name);
    if (shelf) return shelf;
    throw new FieldFileError('not-found', 'There is no such storage.', { operation: 'find' });
  };
  const shelfOf = (context: Context): Shelf => shelfNamed(context.req.param('shelf') ?? '');
  return routes;
}

/** All that the page shows first. */
export async function libraryOf(shelves: ReadonlyMap<string, Shelf>): Promise<LibraryView> {
  const all = await Promise.all(
    [...shelves.values()].map(async shelf => (await shelf.all()).map(row => viewOf(shelf.name, row))),
  );
  return {
    shelves: [...shelves.values()].map(({ view }) => view),
    files: all.flat(),
  };
}

const idOf = (context: Context): number => Number(context.req.param('id'));
const versionOf = (context: Context): number => Number(context.req.query('version'));
