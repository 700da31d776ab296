import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Storage } from '@fieldfile/core';
import { type Journal, recover } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import { Documents } from '@fieldfile/crash/documents';
import { makeWorld } from '@fieldfile/crash/places';
import { openBackend, openDatabase, type World } from '@fieldfile/crash/world';
import { FileSystemStorage } from '@fieldfile/fs';
import { FaultProxy, mutates } from '@fieldfile/test-servers/fault-proxy';
import type { SaveOrder } from './crash-child.ts';
import type { CrashOrder, CrashReport, RaceReport, WorldView } from './crash-view.ts';
import {
  type Command,
  canMount,
  DISK_NOTE,
  LIMIT_NOTE,
  limited,
  onSmallDisk,
  TOO_MANY_LINES,
} from './small-disk.ts';

const CHILD = fileURLToPath(new URL('./crash-child.ts', import.meta.url));
const FLAGS = ['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'];
const LINES = 2048;

/** Runs one save in a process of its own, in which something goes wrong, and recovers. */
export async function crash(order: CrashOrder): Promise<CrashReport> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldfile-crash-'));
  try {
    if (!isDiskFull(order)) return await crashIn(folder, order);
    if (await canMount(folder)) return { ...(await onSmallDisk(folder)), note: DISK_NOTE };
    return { ...(await crashIn(folder, order, limited)), note: LIMIT_NOTE };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param around changes how the process is started that saves. */
export async function crashIn(
  folder: string,
  order: CrashOrder,
  around: (command: Command) => Command = command => command,
): Promise<CrashReport> {
  // A service can lose its answer; a disk cannot.
  const storage = order.kind === 'fault' && !isDiskFull(order) ? 's3' : 'fs';
  await using made = await makeWorld('sqlite', storage, folder);
  const { world } = made;
  const begin = await inWorld(world, async documents => {
    const row = { id: '1', file: null, digest: null, size: null, version: 1 };
    await documents.insert(row);
    await documents.files.file.of(row).save('The old content.', { name: 'old.txt' });
  });
  const { signal, error } = await withFault(order, world, faulty => save(faulty, order, around));
  const before = await inWorld(world, async () => {});
  let recovered = { undone: 0, finished: 0 };
  const after = await inWorld(world, async (_, journal) => {
    recovered = await recover(journal);
  });
  return { signal, error, begin, before, recovered, after };
}

const isDiskFull = (order: CrashOrder): boolean => order.kind === 'fault' && order.fault === 'disk-full';

/** Twenty writers want one name at once. Nothing is overwritten, whoever comes first. */
export async function race(): Promise<RaceReport> {
  const root = await mkdtemp(join(tmpdir(), 'fieldfile-race-'));
  try {
    const startedAt = performance.now();
    const writers = Array.from({ length: 20 }, (_, index) => ({
      storage: new FileSystemStorage({ root }),
      content: `Writer ${index}`,
    }));
    const wanted = 'report.txt';
    const names = await Promise.all(writers.map(({ storage, content }) => storage.save(wanted, content)));
    const milliseconds = Math.round(performance.now() - startedAt);
    const contents = await Promise.all(
      writers.map(async ({ storage }, index) => {
        await using opened = await storage.open(names[index] ?? '');
        return await opened.text();
      }),
    );
    const whole = contents.every((content, index) => content === writers[index]?.content);
    return { wanted, names, whole, milliseconds };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

interface Outcome {
  readonly signal: string | null;
  readonly error: CrashReport['error'];
}

function save(world: World, order: CrashOrder, around: (command: Command) => Command): Promise<Outcome> {
  const told: SaveOrder = {
    world,
    ...(order.kind === 'kill' && { kill: order.step }),
    name: 'new.txt',
    lines: isDiskFull(order) ? TOO_MANY_LINES : LINES,
  };
  const [program, ...given] = around([process.execPath, ...FLAGS, CHILD, JSON.stringify(told)]);
  return new Promise(resolve => {
    execFile(program, given, (failure, stdout) =>
      resolve({
        signal: failure?.signal ?? null,
        error: stdout === '' ? undefined : (JSON.parse(stdout) as CrashReport['error']),
      }),
    );
  });
}

/** What goes wrong happens to the process that saves alone. */
async function withFault<T>(order: CrashOrder, world: World, work: (world: World) => Promise<T>): Promise<T> {
  if (order.kind !== 'fault' || world.storage.kind !== 's3') return work(world);
  if (order.fault === 'database-down') {
    await using database = await openDatabase(world);
    await database.execute(
      "CREATE TRIGGER down BEFORE UPDATE ON documents BEGIN SELECT RAISE(ABORT, 'The database is down.'); END",
      [],
    );
    const result = await work(world);
    await database.execute('DROP TRIGGER down', []);
    return result;
  }
  if (order.fault === 'storage-down')
    return work({ ...world, storage: { ...world.storage, endpoint: 'http://127.0.0.1:1' } });
  await using proxy = await FaultProxy.start(world.storage.endpoint);
  proxy.once(request => mutates(request) && request.path.endsWith('new.txt'), { kind: 'lost-answer' });
  return await work({ ...world, storage: { ...world.storage, endpoint: proxy.endpoint } });
}

/** Does something as a process of the application would that is alive, and looks at both sides afterwards. */
async function inWorld(
  world: World,
  work: (documents: Documents, journal: Journal) => Promise<void>,
): Promise<WorldView> {
  await using database = await openDatabase(world);
  await using storage = new Storage(await openBackend(world));
  if (world.database.kind !== 'sqlite') throw new Error('The lab has SQLite.');
  using journal = new SqliteJournal(world.database.journal);
  const documents = new Documents({ database, journal, storage });
  await work(documents, journal);
  const { file = null, size = null } = (await documents.find('1')) ?? {};
  const names = await Array.fromAsync(storage.list(), ({ name }) => name);
  const objects = await Promise.all(
    names.map(async name => {
      await using opened = await storage.open(name, { endExclusive: 16 });
      return { name, text: await opened.text() };
    }),
  );
  return {
    objects,
    leftovers: await leftoversOf(world),
    row: { file, size },
    journal: (await journal.entries()).map(({ kind, state, name, oldName }) => ({
      kind,
      state,
      name,
      oldName,
    })),
  };
}

/** Files of the storage's own folder that belong to a write which has not ended. */
async function leftoversOf({ storage }: World): Promise<number> {
  if (storage.kind !== 'fs') return 0;
  const names = await readdir(join(storage.root, '.fieldfile'));
  return names.filter(name => name !== 'root.id' && name !== 'lock.db').length;
}
