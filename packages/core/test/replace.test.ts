import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, intercept, lostAnswer, timedOut, withFaults } from '@fieldfile/conformance';
import {
  adopt,
  configure,
  defineFiles,
  FieldFileError,
  isFieldFileError,
  model,
  Storage,
} from '@fieldfile/core';
import { recover } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import { MemoryBackend } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import type { Backend, WriteId } from '@fieldfile/storage';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';

interface Row {
  id?: number;
  file: string | null;
  size: number | null;
  digest: string | null;
  type: string | null;
  called: string | null;
}

const COLUMNS = { size: 'size', digest: 'digest', contentType: 'type', originalName: 'called' } as const;

interface Fixture {
  readonly journaled?: boolean;
  readonly keepRemovedSeconds?: number;
  readonly columns?: Partial<typeof COLUMNS>;
  /** Put around the storage once the file is there. */
  readonly wrap?: (backend: Backend) => Backend;
}

/** A row with a file of the text `old`, and the columns that tell of it. */
async function fixture({
  journaled = true,
  keepRemovedSeconds = 0,
  columns = COLUMNS,
  wrap = one => one,
}: Fixture = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'fieldfile-replace-'));
  const journal = journaled ? new SqliteJournal(join(folder, 'journal'), { keepRemovedSeconds }) : undefined;
  onTestFinished(() => {
    journal?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const real = new MemoryBackend({});
  let backend: Backend = real;
  const turning: Backend = new Proxy(real, {
    get(_, property) {
      const value = Reflect.get(backend, property, backend);
      return typeof value === 'function' ? value.bind(backend) : value;
    },
  });
  const storage = new Storage(turning, { retry: { attempts: 2, baseDelayMs: 0 } });
  const table = new MemoryTable<Row>({
    key: ['id'],
    files: ['file', 'size', 'digest', 'type', 'called'],
    ...(journal && { journal }),
  });
  const { file } = defineFiles(model<Row>()('row', 'id'), { file: { storage, columns } }, table.binding);
  await table.insert({ id: 1, file: null, size: null, digest: null, type: null, called: null });
  const row = await table.get({ id: 1 });
  await file.of(row).save('old', { name: 'the name.txt' });
  backend = wrap(real);
  return {
    ...{ storage, table, file, row, handle: file.of(row), journal },
    stored: () => table.get({ id: 1 }),
    text: async () => (await storage.open('the_name.txt')).text(),
    names: async () => (await Array.fromAsync(storage.list())).map(({ name }) => name as string),
    /** Of the database, and of the row object. */
    async tells(text: string | null) {
      for (const { size, digest } of [await table.get({ id: 1 }), row])
        expect([size, digest]).toEqual(text === null ? [null, null] : [text.length, digestOf(text)]);
      expect((await journal?.entries()) ?? []).toEqual([]);
    },
  };
}

const digestOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

const failure = async (work: Promise<unknown> | undefined): Promise<FieldFileError> => {
  const error: unknown = await work?.then(
    () => undefined,
    reason => reason,
  );
  if (isFieldFileError(error)) return error;
  throw error ?? new Error('It did not fail.');
};

/** Does something right after the bytes were replaced. */
const afterReplace =
  (act: () => Promise<void>) =>
  (backend: Backend): Backend =>
    onReplace(backend, async proceed => {
      const result = await proceed();
      await act();
      return result;
    });

const onReplace = (backend: Backend, act: (proceed: () => Promise<unknown>) => Promise<unknown>): Backend =>
  intercept(backend, {
    call: ({ operation }, proceed) => (operation === 'replace' ? act(proceed) : proceed()),
    list: (_, proceed) => proceed(),
  });

const reported: unknown[] = [];
beforeEach(() => {
  reported.length = 0;
  configure({ onError: error => reported.push(error) });
});
afterEach(() => expect(reported.splice(0)).toEqual([]));

const full = (): FieldFileError => new FieldFileError('no-space', 'The disk is full.', { applied: false });

test.each([true, false])('what the storage refuses changes no column (journal: %s)', async journaled => {
  const { handle, tells, text } = await fixture({
    journaled,
    wrap: backend => withFaults(backend, [{ on: 'replace', nth: 1, fault: before(full) }]),
  });
  expect((await failure(handle.stored?.replace('new'))).code).toBe('no-space');
  expect(await text()).toBe('old');
  await tells('old');
  await handle.stored?.replace('newer');
  await tells('newer');
});

test('where a request may still arrive, the columns tell nothing until the next replacement', async () => {
  const { handle, stored, journal, tells } = await fixture({
    wrap: backend => withFaults(backend, [{ on: 'replace', nth: [1, 2], fault: before(timedOut) }]),
  });
  expect((await failure(handle.stored?.replace('new'))).applied).toBe('unknown');
  expect(await stored()).toMatchObject({ file: 'the_name.txt', size: null, digest: null });
  if (journal) expect(await recover(journal)).toMatchObject({ undone: 1 });
  await tells(null);
  await handle.stored?.replace('new');
  await tells('new');
});

test('whoever lost its journal entry brings no old columns back', async () => {
  const { handle, journal, stored } = await fixture();
  async function* content(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode('new');
    for (const { id } of (await journal?.entries()) ?? []) await journal?.end(id);
    throw new Error('broken');
  }
  await expect(handle.stored?.replace(content())).rejects.toThrow('broken');
  expect(await stored()).toMatchObject({ file: 'the_name.txt', size: null, digest: null });
});

test('a lost answer that is found is a success', async () => {
  const { handle, tells } = await fixture({
    wrap: backend => withFaults(backend, [{ on: 'replace', nth: 1, fault: lostAnswer() }]),
  });
  await handle.stored?.replace('new');
  await tells('new');
});

test('an abort half-way leaves columns that are true', async () => {
  const { handle, tells, text } = await fixture();
  const stop = new AbortController();
  async function* content(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode('half');
    stop.abort();
    yield new TextEncoder().encode('whole');
  }
  expect((await failure(handle.stored?.replace(content(), { signal: stop.signal }))).code).toBe('aborted');
  expect(await text()).toBe('old');
  await tells('old');
});

test('an abort after the bytes were replaced does not keep the columns from telling of them', async () => {
  const stop = new AbortController();
  const { handle, tells } = await fixture({ wrap: afterReplace(async () => stop.abort()) });
  await handle.stored?.replace('new', { signal: stop.signal });
  await tells('new');
});

test('bytes that somebody else wrote meanwhile are a conflict, and the columns tell nothing of them', async () => {
  const { handle, storage, tells } = await fixture();
  async function* content(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode('new');
    await storage.replace('the_name.txt', "another's");
  }
  expect((await failure(handle.stored?.replace(content()))).code).toBe('conflict');
  await tells(null);
});

test('a storage that cannot replace one version only is refused beside columns, and taken without', async () => {
  const unconditional = (backend: Backend): Backend =>
    new Proxy(backend, {
      get(target, property) {
        const value = Reflect.get(target, property, target);
        if (property !== 'replace') return typeof value === 'function' ? value.bind(target) : value;
        const replace: Backend['replace'] = async (name, source, options) => {
          if (options.ifMatch) throw new FieldFileError('unsupported', 'No conditions here.');
          return target.replace(name, source, options);
        };
        return replace;
      },
    });
  const described = await fixture({ wrap: unconditional });
  const error = await failure(described.handle.stored?.replace('new'));
  expect([error.code, error.message]).toEqual(['unsupported', expect.stringContaining('Use save')]);
  await described.tells('old');
  const { handle, text } = await fixture({ wrap: unconditional, columns: { originalName: 'called' } });
  await handle.stored?.replace('new');
  expect(await text()).toBe('new');
});

test('an object that is gone is not made anew', async () => {
  const { handle, storage, tells, names } = await fixture();
  await storage.delete('the_name.txt');
  expect((await failure(handle.stored?.replace('new'))).code).toBe('not-found');
  expect(await names()).toEqual([]);
  await tells('old');
});

test('what the client called the file stays, and its type follows the bytes', async () => {
  const { handle, row, stored } = await fixture();
  expect(row).toMatchObject({ called: 'the name.txt', type: 'text/plain' });
  await handle.stored?.replace('{}', { contentType: 'application/json' });
  for (const one of [row, await stored()])
    expect(one).toMatchObject({ called: 'the name.txt', type: 'application/json' });
});

test('a handle whose row object is gone knows the columns from the database', async () => {
  const refuse = { now: false };
  const { file, handle, stored } = await fixture({
    wrap: backend =>
      onReplace(backend, async proceed => {
        if (refuse.now) throw full();
        return proceed();
      }),
  });
  const alone = file.revive(handle.reference());
  await alone.stored?.replace('by key');
  expect(await stored()).toMatchObject({ size: 6, digest: digestOf('by key') });
  refuse.now = true;
  expect((await failure(alone.stored?.replace('nothing'))).code).toBe('no-space');
  expect(await stored()).toMatchObject({ size: 6, digest: digestOf('by key') });
});

test('a file that its row does not name yet is not replaced', async () => {
  const { file, row, storage } = await fixture();
  const name = await storage.save('other.txt', 'other');
  file.set(row, adopt(name));
  expect((await failure(file.of(row).stored?.replace('new'))).code).toBe('invalid-argument');
  expect(await (await storage.open(name)).text()).toBe('other');
});

test('of a row that is removed while the bytes are replaced, no object stays', async () => {
  let act = async (): Promise<void> => {};
  for (const columns of [COLUMNS, {}]) {
    const { handle, table, names, journal } = await fixture({ columns, wrap: afterReplace(() => act()) });
    act = async () => void (await table.remove({ id: 1 }));
    const error = await failure(handle.stored?.replace('new'));
    expect([error.code, error.applied]).toEqual(['conflict', true]);
    expect(await names()).toEqual([]);
    expect(await journal?.entries()).toEqual([]);
  }
});

test('removed objects are kept as long as asked, in the version that they came to have', async () => {
  let act = async (): Promise<void> => {};
  const { handle, table, storage, journal } = await fixture({
    keepRemovedSeconds: 1000,
    wrap: afterReplace(() => act()),
  });
  act = async () => void (await table.remove({ id: 1 }));
  expect((await failure(handle.stored?.replace('new'))).code).toBe('conflict');
  const { version } = await storage.info('the_name.txt');
  expect(await journal?.entries()).toMatchObject([
    { kind: 'remove', oldName: 'the_name.txt', oldVersion: version },
  ]);
});

test('whoever saves another file while the bytes are replaced wins, and its columns stay', async () => {
  let act = async (): Promise<void> => {};
  const { handle, file, stored, names, journal } = await fixture({ wrap: afterReplace(() => act()) });
  act = async () => {
    act = async () => {};
    await file.of(await stored()).save('newest', { name: 'newest.txt' });
  };
  expect((await failure(handle.stored?.replace('new'))).code).toBe('conflict');
  expect(await stored()).toMatchObject({ file: 'newest.txt', size: 6, digest: digestOf('newest') });
  expect(await names()).toEqual(['newest.txt']);
  expect(await journal?.entries()).toEqual([]);
});

test.each([
  ['before the bytes', false],
  ['after them', true],
])('a process that died %s leaves columns that tell nothing, and the object', async (_, isDone) => {
  const { table, storage, journal, names, text } = await fixture();
  if (!journal) throw new Error('There is a journal.');
  const id = 'replacing' as WriteId;
  await table.binding.update({ id: 1 }, { size: null, digest: null }, { expect: {} });
  const about = { storage: storage.id, name: 'the_name.txt', model: 'row', field: 'file', key: { id: 1 } };
  await journal.begin({ id, kind: 'replace', ...about });
  if (isDone) await storage.replace('the_name.txt', 'new', { writeId: id });
  await journal.postpone(id); // as if its process were gone
  expect(await recover(journal)).toMatchObject({ undone: 1, finished: 0 });
  expect(await journal.entries()).toEqual([]);
  expect([await names(), await text()]).toEqual([['the_name.txt'], isDone ? 'new' : 'old']);
  expect(await table.get({ id: 1 })).toMatchObject({ size: null, digest: null });
});

test('of a process that died after its row gave up the object, what it made is removed', async () => {
  const { table, storage, journal, names } = await fixture();
  if (!journal) throw new Error('There is a journal.');
  const id = 'replacing' as WriteId;
  const about = { storage: storage.id, name: 'the_name.txt', model: 'row', field: 'file', key: { id: 1 } };
  await journal.begin({ id, kind: 'replace', ...about });
  await storage.replace('the_name.txt', 'new', { writeId: id });
  await table.remove({ id: 1 });
  await journal.postpone(id);
  await recover(journal);
  expect([await names(), await journal.entries()]).toEqual([[], []]);
});

test('without a journal, of two who both found unknown columns none leaves those of the other', async () => {
  for (const secondIsLater of [true, false]) {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const done = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let calls = 0;
    const { handle, file, stored, text, table, row } = await fixture({
      journaled: false,
      wrap: afterReplace(async () => {
        const call = calls++;
        done[call]?.resolve();
        await gates[call]?.promise;
      }),
    });
    await table.binding.update({ id: 1 }, { size: null, digest: null, type: null }, { expect: {} });
    Object.assign(row, { size: null, digest: null, type: null });
    const first = Promise.allSettled([handle.stored?.replace('first')]);
    await done[0]?.promise;
    const second = Promise.allSettled([file.of(await stored()).stored?.replace('the second')]);
    await done[1]?.promise;
    const order = secondIsLater ? [first, second] : [second, first];
    for (const [index, work] of order.entries()) {
      gates[secondIsLater ? index : 1 - index]?.resolve();
      await work;
    }
    const { size, digest } = await stored();
    expect(await text()).toBe('the second');
    expect([
      [null, null],
      [10, digestOf('the second')],
    ]).toContainEqual([size, digest]);
    expect((await Promise.all(order)).flat().filter(({ status }) => status === 'rejected')).toHaveLength(1);
  }
});

test('a plain row tells nothing while its bytes are on their way, and what is true afterwards', async () => {
  const storage = new Storage(new MemoryBackend({}));
  const { file } = defineFiles(model<Row>()('row', 'id'), { file: { storage, columns: COLUMNS } });
  const row: Row = { id: 1, file: null, size: null, digest: null, type: null, called: null };
  await file.of(row).save('old', { name: 'a.txt' });
  const seen: unknown[] = [];
  async function* content(fails: boolean): AsyncGenerator<Uint8Array> {
    seen.push([row.file, row.size, row.digest]);
    yield new TextEncoder().encode('newer');
    if (fails) throw new Error('broken');
  }
  await expect(file.of(row).stored?.replace(content(true))).rejects.toThrow('broken');
  expect([row.size, row.digest]).toEqual([3, digestOf('old')]);
  await file.of(row).stored?.replace(content(false));
  expect([row.size, row.digest]).toEqual([5, digestOf('newer')]);
  expect(seen).toEqual([
    ['a.txt', null, null],
    ['a.txt', null, null],
  ]);
});
