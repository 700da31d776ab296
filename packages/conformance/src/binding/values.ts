import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { file } from '@fieldfile/core';
import { rejectsWith } from '../storage/assertions.ts';
import type { BindingBehaviour } from './context.ts';

/** O7, O10 and the column's own ways: what a row, its key and its column may be. */
export const values: readonly BindingBehaviour[] = [
  {
    id: 'O3.null',
    title: 'a null column is no file, and takes one',
    async run(context) {
      const { id } = await context.document();
      const handle = context.file(await context.find(id));
      assert.deepEqual([handle.name, handle.stored, String(handle)], [null, null, '']);
      await handle.save('x', { name: 'x.txt' });
      await context.storedText(id, 'x');
    },
  },
  {
    id: 'O3.empty-text',
    title: 'an empty text in the column is no file, and takes one',
    async run(context) {
      const ids = [await context.document(), await context.document()].map(({ id }) => id);
      const [inPlace = 0, assigned = 0] = ids;
      for (const id of ids) await context.other.update(id, { avatar: '' });
      const handle = context.file(await context.find(inPlace));
      assert.deepEqual([handle.name, handle.stored], [null, null]);
      await handle.save('x', { name: 'x.txt' });
      await context.storedText(inPlace, 'x');
      const row = await context.find(assigned);
      context.subject.assign(row, file('y', 'y.txt'));
      await context.subject.save(row, {});
      await context.storedText(assigned, 'y');
    },
  },
  {
    id: 'T1.name-fits',
    title: "a long file name is shortened to the column's length, with room for an alternative",
    async run(context) {
      const long = `${'a very long name '.repeat(8)}.txt`;
      for (let count = 0; count < 2; count++) {
        const { id } = await context.document(long);
        const name = await context.storedName(id);
        assert.ok(name && name.length <= 60, `${name} is longer than the column`);
        assert.match(name, /\.txt$/);
      }
    },
  },
  {
    id: 'T1.name-too-long',
    title: 'a folder longer than the column is refused before a byte is stored',
    field: { uploadTo: `${'folder/'.repeat(10)}` },
    async run(context) {
      const { id } = await context.document();
      const row = await context.find(id);
      await rejectsWith('name-too-long', context.file(row).save('x', { name: 'x.txt' }));
      context.subject.assign(row, file('x', 'x.txt'));
      await rejectsWith('name-too-long', context.subject.save(row, { name: 'renamed' }));
      assert.equal((await context.stored(id)).name, 'a document');
      assert.equal(context.calls.filter(({ operation }) => operation === 'create').length, 0);
    },
  },
  {
    id: 'O4.unsaved',
    title: 'a file saved into a row that is not inserted yet is in the database when the row is',
    async run(context) {
      context.needs('unsaved-rows');
      const row = context.subject.make({ name: 'new' });
      const handle = context.file(row);
      assert.equal(handle.name, null);
      await handle.save('early', { name: 'early.txt' });
      assert.deepEqual([handle.pending, handle.reference().key], [true, null]);
      const { id } = await context.subject.insert(row);
      await context.storedText(id, 'early');
    },
  },
  {
    id: 'O4.composite-key',
    title: 'rows with a key of two columns have files as others do',
    async run(context) {
      const { pages } = context;
      await pages.insert(pages.make({ document: 1, number: 1 }));
      await pages.insert(pages.make({ document: 1, number: 2 }));
      const page = await pages.find({ document: 1, number: 2 });
      assert.ok(page, 'the page was not found');
      const handle = pages.file(page);
      assert.deepEqual(handle?.reference().key, { document: 1, number: 2 });
      await handle?.save('two', { name: 'two.txt' });
      await handle?.save('two again', { name: 'two.txt' });
      assert.deepEqual(await context.other.pageNames(), [handle?.name]);
      await context.agrees();
      await pages.remove(page);
      assert.deepEqual(await context.objects(), []);
    },
  },
  {
    id: 'O7.json',
    title: 'a row as JSON has the name and nothing else of the file',
    async run(context) {
      const { id } = await context.document('a.txt');
      const row = await context.find(id);
      const handle = context.file(row);
      const name = await context.storedName(id);
      assert.equal(JSON.parse(JSON.stringify(row)).avatar, name);
      assert.equal(JSON.stringify({ handle }), JSON.stringify({ handle: name }));
      assert.doesNotMatch(JSON.stringify(row), /fieldfile/i);
    },
  },
  {
    id: 'O10.json-pending',
    title: 'what was assigned and not stored shows in no JSON and no text',
    async run(context) {
      const { id } = await context.document('a.txt');
      const row = await context.find(id);
      context.subject.assign(row, file('new', 'new.txt'));
      const handle = context.file(row);
      assert.deepEqual([handle.toJSON(), String(handle)], [null, '']);
      assert.doesNotMatch(JSON.stringify(row), /fieldfile|new/i);
      await context.subject.save(row, {});
      assert.doesNotMatch((await context.storedName(id)) ?? '', /fieldfile/i);
    },
  },
  {
    id: 'O7.inspect',
    title: 'an inspected file shows its field and name, never its row',
    async run(context) {
      const { id } = await context.document('a.txt', { payload: 'the payload' });
      const row = await context.find(id);
      const handle = context.file(row);
      assert.match(inspect(handle), /^<FieldFile \w+\.avatar: a.*\.txt>$/);
      assert.doesNotMatch(inspect(handle, { depth: 20, showHidden: true }), /the payload/);
      inspect(row, { depth: 20, showHidden: true, getters: true });
    },
  },
  {
    id: 'O7.clone',
    title: 'cloning a row touches neither file nor row, and the clone can be read as JSON',
    async run(context) {
      const { id } = await context.document('a.txt');
      const row = await context.find(id);
      const handle = context.file(row);
      const copy = clone(row);
      assert.equal(JSON.parse(JSON.stringify(copy)).avatar ?? handle.name, handle.name);
      assert.deepEqual(structuredClone(handle.reference()), handle.reference());
      assert.equal(context.file(row), handle);
      await context.subject.save(row, { name: 'renamed' });
      await context.storedText(id, 'content of a.txt');
    },
  },
];

/**
 * As lodash's cloneDeep: plain objects and instances are copied property by property; what has a tag of its own, such
 * as a file, is kept.
 */
function clone(value: unknown, seen: Map<object, unknown> = new Map()): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = seen.get(value);
  if (known) return known;
  const tag = Object.prototype.toString.call(value);
  if (tag !== '[object Object]' && tag !== '[object Array]') return value;
  const copy: Record<string, unknown> = Array.isArray(value)
    ? ([] as never)
    : Object.create(Object.getPrototypeOf(value));
  seen.set(value, copy);
  for (const [key, member] of Object.entries(value)) {
    const own = Object.getOwnPropertyDescriptor(value, key);
    if (own && 'value' in own) copy[key] = clone(member, seen);
  }
  return copy;
}
