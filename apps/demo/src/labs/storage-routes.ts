import { FieldFileError } from '@fieldfile/core';
import { type Journal, type SweepFinding, sweep } from '@fieldfile/core/journal';
import { sortOnDisk } from '@fieldfile/core/node';
import { type Context, Hono } from 'hono';
import { stream } from 'hono/streaming';
import type { Changes } from '../library/changes.ts';
import type { Shelf } from '../library/shelves.ts';
import { copyShelf } from './copy-shelf.ts';
import type { GivenLinks } from './given-links.ts';
import type { StoragePageView, SweepView } from './storage-view.ts';

/** So many findings are shown. */
const MOST = 100;

export interface StorageRoutesOptions {
  readonly shelves: ReadonlyMap<string, Shelf>;
  readonly changes: Changes;
  readonly journal: Journal;
  readonly links: GivenLinks;
}

/** What operators do: look what is under way, compare a storage with its rows, copy it, take links back. */
export function storageRoutes({ shelves, changes, journal, links }: StorageRoutesOptions): Hono {
  const routes = new Hono();
  const shelfNamed = (name: string | undefined): Shelf => {
    const shelf = shelves.get(name ?? '');
    if (shelf) return shelf;
    throw new FieldFileError('not-found', 'There is no such storage.', { operation: 'find' });
  };
  const shelfOf = (context: Context): Shelf => shelfNamed(context.req.param('shelf'));

  routes.get('/api/storage', async context => {
    const view: StoragePageView = {
      journal: (await journal.entries({ limit: MOST })).map(
        ({ id, kind, state, storage, name, oldName, attempts, setAside }) => ({
          id,
          kind,
          state,
          storage,
          name,
          oldName,
          attempts,
          setAside,
        }),
      ),
      links: await links.all(shelves.values()),
    };
    return context.json(view);
  });

  routes.post('/api/storage/:shelf/sweep', async context => {
    const orphans = context.req.query('orphans') === 'delete' ? 'delete' : 'report';
    return context.json(await swept(shelfOf(context), orphans, context.req.raw.signal));
  });

  // An object that no row names, as a program leaves it that goes past the rows.
  routes.post('/api/storage/:shelf/stray', async context => {
    const name = await shelfOf(context).storage.save('library/stray.txt', 'No row names this object.');
    return context.json({ name }, 201);
  });

  routes.post('/api/storage/:shelf/copy', context => {
    const from = shelfOf(context);
    const to = shelfNamed(context.req.query('to'));
    const { signal } = context.req.raw;
    return stream(context, async lines => {
      for await (const progress of copyShelf(from, to, changes, signal))
        await lines.write(`${JSON.stringify(progress)}\n`);
    });
  });

  routes.post('/api/journal/retry', async context => context.json({ retried: await journal.retry() }));

  routes.post('/api/links/:shelf/:id', async context =>
    context.json({ url: await links.give(shelfOf(context), Number(context.req.param('id'))) }, 201),
  );

  routes.delete('/api/links/:shelf/:id', async context => {
    await links.takeBack(shelfOf(context), context.req.param('id'));
    return context.json({});
  });

  routes.all('/links/:shelf/*', context => links.redeem(shelfOf(context), context.req.raw));
  return routes;
}

async function swept(shelf: Shelf, orphans: 'report' | 'delete', signal: AbortSignal): Promise<SweepView> {
  const findings: SweepFinding[] = [];
  const {
    objects,
    rows,
    orphans: found,
    missing,
    removed,
    braked,
  } = await sweep({
    storage: shelf.storage,
    fields: [shelf.table.fields.file],
    orphans,
    graceSeconds: 0, // the journal knows of uploads that are under way; other programs are not expected here
    brake: { count: 1000, share: 1 },
    onFinding: finding => findings.length < MOST && findings.push(finding),
    signal,
    ...(shelf.name === 'azure' && { sort: sortOnDisk() }),
  });
  return {
    objects,
    rows,
    orphans: found,
    missing,
    removed,
    braked,
    findings: findings.map(({ kind, name }) => ({ kind, name })),
  };
}
