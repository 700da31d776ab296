import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AnyFileField, defineFiles, isFieldFileError, model, Storage } from '@fieldfile/core';
import { QUARANTINE, type SweepFinding, type SweepOptions, sweep } from '@fieldfile/core/journal';
import { SqliteJournal, sortOnDisk } from '@fieldfile/core/node';
import { MemoryBackend } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import type { Backend } from '@fieldfile/storage';
import { sortUtf8 } from '@fieldfile/storage/backend';
import { afterEach, expect, test } from 'vitest';

interface Row {
  id: number;
  file: string | null;
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Rows with these names over objects with those, and what a sweep of them finds. */
async function fixture(names: readonly (string | null)[], objects: readonly string[], backend?: Backend) {
  const folder = mkdtempSync(join(tmpdir(), 'sweep-'));
  folders.push(folder);
  const journal = new SqliteJournal(join(folder, 'journal'));
  const storage = new Storage(backend ?? new MemoryBackend({}));
  const table = new MemoryTable<Row>({ key: ['id'], files: ['file'], journal });
  const { file } = defineFiles(model<Row>()('row', 'id'), { file: { storage } }, table.binding);
  for (const [index, name] of names.entries()) {
    await table.insert({ id: index, file: null });
    if (name !== null) await table.binding.update({ id: index }, { file: name }, { expect: { file: null } });
  }
  for (const name of objects) await storage.save(name, name);
  const fields: AnyFileField[] = [file];
  const findings: SweepFinding[] = [];
  const run = (options: Partial<SweepOptions> = {}) =>
    sweep({ storage, fields, graceSeconds: -1, onFinding: finding => findings.push(finding), ...options });
  const left = async () => (await Array.fromAsync(storage.list())).map(object => object.name as string);
  return { storage, table, file, journal, findings, run, left };
}

test('tells of orphans, of rows without an object and of shared objects, and touches nothing', async () => {
  const { run, findings, left } = await fixture(['a', 'c', 'd', 'd', null], ['a', 'b', 'd', 'e/f']);
  const report = await run();
  expect(report).toMatchObject({
    objects: 4,
    rows: 4,
    orphans: 2,
    missing: 1,
    shared: 1,
    removed: 0,
    braked: null,
  });
  expect(findings.map(({ kind, name, rows }) => [kind, name, rows.map(row => row.key)])).toEqual([
    ['orphan', 'b', []],
    ['missing', 'c', [{ id: 1 }]],
    ['shared', 'd', [{ id: 2 }, { id: 3 }]],
    ['orphan', 'e/f', []],
  ]);
  expect(await left()).toEqual(['a', 'b', 'd', 'e/f']);
});

test('removes orphans when asked to', async () => {
  const { run, left } = await fixture(['a'], ['a', 'b', 'c']);
  expect(await run({ orphans: 'delete' })).toMatchObject({ orphans: 2, removed: 2, spared: 0 });
  expect(await left()).toEqual(['a']);
});

test('moves them to quarantine, and does not look there', async () => {
  const { run, left, storage } = await fixture(['a'], ['a', 'b']);
  expect(await run({ orphans: 'quarantine' })).toMatchObject({ removed: 1 });
  expect(await left()).toEqual(['a', `${QUARANTINE}b`]);
  await using opened = await storage.open(`${QUARANTINE}b`);
  expect(await opened.text()).toBe('b');
  expect(await run()).toMatchObject({ objects: 1, orphans: 0 });
});

test('does not look at what tells how far uploads have come', async () => {
  const { run, left } = await fixture(['a'], ['a', 'b', 'fieldfile-uploads/x']);
  expect(await run({ orphans: 'delete' })).toMatchObject({ objects: 2, orphans: 1, removed: 1 });
  expect(await left()).toEqual(['a', 'fieldfile-uploads/x']);
});

test('leaves young objects alone, by the clock of the storage', async () => {
  const { run, left } = await fixture([], ['a']);
  expect(await run({ orphans: 'delete', graceSeconds: 3600 })).toMatchObject({
    young: 1,
    orphans: 0,
    removed: 0,
  });
  expect(await left()).toEqual(['a']);
});

test('the brake stops a sweep that would remove too many, before the first', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `object-${index}`);
  const { run, left } = await fixture([], names);
  expect((await run({ orphans: 'delete' })).braked).toMatch(/20 orphans of 20 objects .* brake.share, 0.1/);
  expect((await run({ orphans: 'delete', brake: { count: 5 } })).braked).toMatch(/brake.count, 5/);
  expect(await left()).toHaveLength(20);
  expect(await run({ orphans: 'delete', brake: { share: 1 } })).toMatchObject({ removed: 20, braked: null });
});

test.each([
  [10, 0, true],
  [3, 0, true],
  [6, 5, true],
  [5, 5, false],
  [2, 1, false],
  [11, 99, false],
  [11, 98, true],
])('the brake for %i orphans beside %i objects of rows: %s', async (orphans, kept, brakes) => {
  const rows = Array.from({ length: kept }, (_, index) => `row-${index}`);
  const lost = Array.from({ length: orphans }, (_, index) => `lost-${index}`);
  const { run, left } = await fixture(rows, [...rows, ...lost]);
  const report = await run({ orphans: 'delete' });
  expect([report.braked !== null, report.removed]).toEqual([brakes, brakes ? 0 : orphans]);
  expect(await left()).toHaveLength(brakes ? orphans + kept : kept);
});

test('an orphan that vanishes before it is copied to quarantine is spared, and the others are moved', async () => {
  class Vanishing extends MemoryBackend {
    override async copy(...parameters: Parameters<MemoryBackend['copy']>): ReturnType<MemoryBackend['copy']> {
      if (parameters[0] === 'b') await this.remove(parameters[0]);
      return super.copy(...parameters);
    }
  }
  const kept = ['r1', 'r2', 'r3'];
  const { run, left } = await fixture(kept, ['a', 'b', 'c', ...kept], new Vanishing({}));
  expect(await run({ orphans: 'quarantine' })).toMatchObject({ orphans: 3, removed: 2, spared: 1 });
  expect(await left()).toEqual([`${QUARANTINE}a`, `${QUARANTINE}c`, ...kept]);
});

test('an orphan whose name is too long for the quarantine is spared', async () => {
  const long = `${Array.from({ length: 10 }, () => 'f'.repeat(100)).join('/')}/a`;
  const { run, left } = await fixture(['r'], ['b', 'r', long]);
  expect(await run({ orphans: 'quarantine' })).toMatchObject({ orphans: 2, removed: 1, spared: 1 });
  expect(await left()).toEqual([long, `${QUARANTINE}b`, 'r']);
});

const REFUSED = ['./docs/x', 'C:/x', 'docs//y', 'docs/../z', '/abs', 'a\u0000b', 's'.repeat(1025), '..'];

test.each(['report', 'delete', 'quarantine'] as const)(
  'a name that the storage refuses is a finding, and what it means is no orphan (%s)',
  async orphans => {
    const meant = ['docs/x', 'docs/y', 'z'];
    const { run, findings, left } = await fixture(['a', ...REFUSED, 'zz'], ['a', 'orphan', 'zz', ...meant]);
    expect(await run({ orphans })).toMatchObject({ refused: REFUSED.length, orphans: 1, missing: 0 });
    expect(findings.filter(({ kind }) => kind === 'refused').map(({ name }) => name)).toEqual(
      sortUtf8([...REFUSED]),
    );
    expect(findings.filter(({ kind }) => kind !== 'refused')).toEqual([
      { kind: 'orphan', name: 'orphan', rows: [] },
    ]);
    expect((await left()).filter(name => !name.includes('orphan'))).toEqual(sortUtf8(['a', 'zz', ...meant]));
  },
);

test('what a refused name means is no orphan either where the sweep looks at a part', async () => {
  const { run } = await fixture(['./docs/x', './/-'], ['docs/x', '-']);
  expect(await run({ prefix: 'docs/' })).toMatchObject({ objects: 1, orphans: 0, refused: 0 });
  expect(await run({ after: 'd' })).toMatchObject({ objects: 1, orphans: 0, refused: 0 });
});

test('what a refused name means is kept when it is met after the object', async () => {
  const { run, left } = await fixture(['d/./!', 'r'], ['d/!', 'r']);
  expect(await run({ orphans: 'delete' })).toMatchObject({ refused: 1, removed: 0 });
  expect(await left()).toEqual(['d/!', 'r']);
});

test('goes on after the cursor of an earlier one', async () => {
  const { run } = await fixture(['a', 'c', 'e'], ['a', 'b', 'd']);
  expect(await run({ after: 'b' })).toMatchObject({
    objects: 1,
    rows: 2,
    orphans: 1,
    missing: 2,
    cursor: 'e',
  });
  expect(await run({ after: 'e' })).toMatchObject({ objects: 0, rows: 0, cursor: 'e' });
});

test('looks at names with a prefix only', async () => {
  const { run } = await fixture(['a/1', 'b/2'], ['a/1', 'a/3', 'b/4', 'c']);
  expect(await run({ prefix: 'a/' })).toMatchObject({ objects: 2, rows: 1, orphans: 1, missing: 0 });
});

test('spares what a writer has announced, and what a row names by now', async () => {
  const { run, journal, storage, left } = await fixture([], ['a', 'b']);
  await journal.begin({
    id: 'w' as never,
    kind: 'adopt',
    storage: storage.id,
    name: 'a',
    model: 'row',
    field: 'file',
    key: null,
  });
  expect(await run({ orphans: 'delete' })).toMatchObject({ orphans: 2, removed: 1, spared: 1 });
  expect(await left()).toEqual(['a']);
  expect((await journal.entries()).map(entry => entry.id)).toEqual(['w']);
});

test('a listing in another order is refused, and sorted on disk when asked to', async () => {
  const inner = new MemoryBackend({});
  const names = ['b', '\u{1f600}', '\uffee', 'a'];
  const shuffled: Backend = new Proxy(inner, {
    get(target, property) {
      if (property === 'listOrder') return 'none';
      if (property === 'list')
        return async function* (options: Parameters<Backend['list']>[0]) {
          for await (const page of target.list(options))
            yield { ...page, objects: [...page.objects].reverse() };
        };
      const value = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const { run } = await fixture(names, names, shuffled);
  const refused = await run().catch(error => error);
  expect(isFieldFileError(refused, 'invalid-argument') && refused.message).toMatch(/sortOnDisk/);
  const wrong = await run({ sort: objects => objects }).catch(error => error);
  expect(isFieldFileError(wrong, 'integrity')).toBe(true);
  const folder = mkdtempSync(join(tmpdir(), 'sweep-'));
  folders.push(folder);
  const report = await run({ sort: sortOnDisk({ directory: folder, runLength: 2 }) });
  expect(report).toMatchObject({
    objects: 4,
    rows: 4,
    orphans: 0,
    missing: 0,
    cursor: sortUtf8([...names]).at(-1),
  });
});

test('tells how far it is after every thousand names, and can be stopped there', async () => {
  const names = Array.from({ length: 2500 }, (_, index) => `object-${String(index).padStart(4, '0')}`);
  const { run } = await fixture([], names);
  const cursors: (string | null)[] = [];
  await run({ onProgress: ({ cursor }) => cursors.push(cursor) });
  expect(cursors).toEqual(['object-0999', 'object-1999']);
  const stop = new AbortController();
  const stopped = run({ signal: stop.signal, onProgress: () => stop.abort() });
  expect(isFieldFileError(await stopped.catch(error => error), 'aborted')).toBe(true);
});

test('fields that would make every object an orphan are refused', async () => {
  const { run, storage } = await fixture([], ['a']);
  const unbound = defineFiles(model<Row>()('row', 'id'), { file: { storage } });
  const elsewhere = new Storage(new MemoryBackend({}));
  const { binding } = new MemoryTable<Row>({ key: ['id'], files: ['file'] });
  const other = defineFiles(model<Row>()('row', 'id'), { file: { storage: elsewhere } }, binding);
  for (const fields of [[], [unbound.file], [other.file]])
    expect(isFieldFileError(await run({ fields }).catch(error => error), 'invalid-argument')).toBe(true);
});
