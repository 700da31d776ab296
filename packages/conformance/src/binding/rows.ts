import assert from 'node:assert/strict';
import { adopt, file } from '@fieldfile/core';
import { sweep } from '@fieldfile/core/journal';
import { Skip } from '../contract/behaviour.ts';
import { rejection, rejectsWith } from '../storage/assertions.ts';
import type { BindingBehaviour } from './context.ts';

/** O1, O5, T1, T3: one row and its file. */
export const rows: readonly BindingBehaviour[] = [
  {
    id: 'T1.insert',
    title: 'an inserted row names the file that was assigned, and its key is known',
    async run(context) {
      const row = await context.document('a.txt');
      await context.storedText(row.id, 'content of a.txt');
      const handle = context.file(row);
      assert.deepEqual([handle.name, handle.pending], [await context.storedName(row.id), false]);
      assert.deepEqual(handle.reference().key, { id: row.id });
    },
  },
  {
    id: 'T1.insert-none',
    title: 'a row is inserted without a file',
    async run(context) {
      const { id } = await context.document();
      assert.equal(await context.storedName(id), null);
      assert.equal(context.file(await context.find(id)).stored, null);
    },
  },
  {
    id: 'T1.insert-refused',
    title: 'an insert that the database refuses leaves no object',
    async run(context) {
      const { id } = await context.document('a.txt');
      await rejection(context.document('twin.txt', { id }), 'inserting a key that is taken');
      await context.storedText(id, 'content of a.txt');
    },
  },
  {
    id: 'T1.assign',
    title: 'an assigned file replaces the old one when the row is saved, with the other columns',
    async run(context) {
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      context.subject.assign(row, file('new', 'new.txt'));
      await context.subject.save(row, { name: 'renamed' });
      await context.storedText(id, 'new');
      assert.equal((await context.stored(id)).name, 'renamed');
      assert.deepEqual(
        [context.file(row).name, context.file(row).pending],
        [await context.storedName(id), false],
      );
    },
  },
  {
    id: 'T1.same-name',
    title: 'a file of the same name again is another object',
    async run(context) {
      const { id } = await context.document('a.txt');
      const row = await context.find(id);
      context.subject.assign(row, file('second', 'a.txt'));
      await context.subject.save(row, {});
      await context.storedText(id, 'second');
      await context.file(row).save('third', { name: 'a.txt' });
      await context.storedText(id, 'third');
    },
  },
  {
    id: 'T1.assign-null',
    title: 'null clears the column and removes the object when the row is saved',
    async run(context) {
      const { id } = await context.document('a.txt');
      const row = await context.find(id);
      context.subject.assign(row, null);
      await context.subject.save(row, {});
      assert.equal(await context.storedName(id), null);
    },
  },
  {
    id: 'T1.assign-existing',
    title: 'an object that is there is adopted on purpose',
    async run(context) {
      const { id } = await context.document();
      const name = await context.storage.save('there.txt', 'there');
      const row = await context.find(id);
      context.subject.assign(row, adopt(name));
      await context.subject.save(row, {});
      assert.equal(await context.storedName(id), name);
    },
  },
  {
    id: 'T1.assign-again',
    title: 'of two files assigned before one save the second is stored',
    async run(context) {
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      context.subject.assign(row, file('first', 'first.txt'));
      context.subject.assign(row, file('second', 'second.txt'));
      await context.subject.save(row, {});
      await context.storedText(id, 'second');
    },
  },
  {
    id: 'T1.assign-broken',
    title: 'content that breaks off rejects the save and changes nothing',
    async run(context) {
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      const broken = new ReadableStream<Uint8Array>({
        pull: controller => controller.error(new Error('the source broke')),
      });
      context.subject.assign(row, file(broken, 'new.txt'));
      const error = await rejection(context.subject.save(row, { name: 'renamed' }), 'the save');
      assert.match(String(error), /the source broke/);
      await context.storedText(id, 'content of old.txt');
      assert.equal((await context.stored(id)).name, 'a document');
    },
  },
  {
    id: 'T1.save-in-place',
    title: 'handle.save replaces the file at once, in the database and in the row object',
    async run(context) {
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      await context.file(row).save('new', { name: 'new.txt' });
      await context.storedText(id, 'new');
      assert.equal(context.file(row).name, await context.storedName(id));
      assert.equal(context.file(await context.find(id)).name, await context.storedName(id));
    },
  },
  {
    id: 'T1.replace-in-place',
    title: 'handle.replace changes the bytes of the file, and the row can be saved afterwards',
    async run(context) {
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      const name = await context.storedName(id);
      await context.file(row).stored?.replace('new');
      await context.storedText(id, 'new');
      assert.equal(await context.storedName(id), name);
      await context.subject.save(row, { name: 'renamed' });
      assert.equal((await context.stored(id)).name, 'renamed');
    },
  },
  {
    id: 'T1.replace-lost-row',
    title: 'handle.replace of a file that the row gives up meanwhile brings no object back',
    async run(context) {
      const { id } = await context.document('old.txt');
      const handle = context.file(await context.find(id));
      async function* content(): AsyncGenerator<Uint8Array> {
        yield new TextEncoder().encode('late');
        await context.file(await context.find(id)).save('newer', { name: 'newer.txt' });
      }
      await rejectsWith('conflict', handle.stored?.replace(content()) ?? Promise.resolve());
      await context.storedText(id, 'newer');
    },
  },
  {
    id: 'T1.save-in-place-then-row',
    title: 'a row whose file was saved in place is saved without writing the file again',
    async run(context) {
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      await context.file(row).save('new', { name: 'new.txt' });
      const creates = context.calls.filter(({ operation }) => operation === 'create').length;
      await context.subject.save(row, { name: 'renamed' });
      assert.equal(context.calls.filter(({ operation }) => operation === 'create').length, creates);
      assert.equal((await context.stored(id)).name, 'renamed');
      await context.storedText(id, 'new');
    },
  },
  {
    id: 'T1.delete-in-place',
    title: 'handle.delete clears the column and removes the object',
    async run(context) {
      const { id } = await context.document('old.txt');
      await context.file(await context.find(id)).delete();
      assert.equal(await context.storedName(id), null);
    },
  },
  {
    id: 'T1.remove',
    title: 'the object goes with its row',
    async run(context) {
      const { id } = await context.document('a.txt');
      await context.subject.remove(await context.find(id));
      assert.deepEqual(await context.other.rows(), []);
    },
  },
  {
    id: 'O1.one-handle',
    title: 'a row object has one handle, and it knows its row',
    async run(context) {
      const { id } = await context.document('a.txt');
      const row = await context.find(id);
      const handle = context.file(row);
      assert.equal(context.file(row), handle);
      assert.equal((handle.owner as { id?: number } | undefined)?.id, id);
    },
  },
  {
    id: 'O1.copied',
    title: "another row's file is copied, never shared",
    async run(context) {
      const source = await context.document('a.txt');
      const copy = await context.document();
      context.subject.assign(copy, context.file(source));
      await context.subject.save(copy, {});
      assert.notEqual(await context.storedName(copy.id), await context.storedName(source.id));
      await context.storedText(copy.id, 'content of a.txt');
    },
  },
  {
    id: 'O5.unrelated-save',
    title: 'saving a row whose file another load replaced by key leaves the new file alone',
    async run(context) {
      const { id } = await context.document('old.txt');
      const [stale, fresh] = [await context.find(id), await context.find(id)];
      context.file(stale);
      await context.file(fresh).save('new', { name: 'new.txt' });
      await context.subject.save(stale, { name: 'renamed' });
      assert.equal((await context.stored(id)).name, 'renamed');
      await context.storedText(id, 'new');
    },
  },
  {
    id: 'O5.untouched-save',
    title: 'saving a row whose file nobody touched calls no storage',
    async run(context) {
      const { id } = await context.document('a.txt');
      const row = await context.find(id);
      const before = context.calls.length;
      await context.subject.save(row, { name: 'renamed' });
      assert.equal(context.calls.length, before);
      await context.storedText(id, 'content of a.txt');
    },
  },
  {
    id: 'O5.version',
    title: 'handle.save raises the version, and gives it to the live row',
    async run(context) {
      context.needs('version');
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      const before = await context.stored(id);
      await context.file(row).save('new', { name: 'new.txt' });
      const after = await context.stored(id);
      assert.ok(after.version > before.version, `the version is still ${after.version}`);
      assert.equal((row as { version?: number }).version, after.version);
      await context.subject.save(row, { name: 'renamed' });
      assert.equal((await context.stored(id)).name, 'renamed');
    },
  },
  {
    id: 'O9.partial-select',
    title:
      'a row selected without its file has no file attribute, and saving it leaves column and object alone',
    async run(context) {
      context.needs('partial-select');
      const { id } = await context.document('a.txt');
      const row = await context.subject.findPartially(id);
      assert.ok(row, 'the row was not found');
      assert.equal(context.subject.file(row), undefined);
      await context.subject.save(row, { name: 'renamed' });
      assert.equal((await context.stored(id)).name, 'renamed');
      await context.storedText(id, 'content of a.txt');
    },
  },
  {
    id: 'O12.columns',
    title: 'columns beside the name are written and cleared with it',
    field: { columns: { size: 'size' as never } },
    async run(context) {
      const { id } = await context.document('a.txt');
      assert.equal((await context.stored(id)).size, 16);
      const row = await context.find(id);
      await context.file(row).save('four', { name: 'b.txt' });
      assert.equal((await context.stored(id)).size, 4);
      context.subject.assign(row, null);
      await context.subject.save(row, {});
      assert.equal((await context.stored(id)).size, null);
    },
  },
  {
    id: 'T5.names',
    title:
      'names in rows are paged in the order of objects, so that sweep finds what is alone on either side',
    async run(context) {
      const { fields } = context.subject;
      if (!fields) throw new Skip('open() offers no fields');
      for (const name of ['z', 'Z', '_', 'a b', 'ä', '\ufb01', '\u{1d49c}'])
        await context.other.insert({ name, avatar: await context.storage.save(`${name}.txt`, name) });
      await context.other.insert({ name: 'none', avatar: null });
      await context.other.insert({ name: 'empty', avatar: '' });
      const missing = await context.other.insert({ name: 'missing', avatar: 'missing.txt' });
      const orphan = await context.storage.save('orphan.txt', 'orphan');
      const findings: unknown[] = [];
      await sweep({
        storage: context.storage,
        fields,
        graceSeconds: -60, // an object may be a moment younger than the clock that is asked
        onFinding: ({ kind, name, rows }) => findings.push([kind, name, rows.map(({ key }) => key)]),
      });
      assert.deepEqual(findings, [
        ['missing', 'missing.txt', [{ id: missing }]],
        ['orphan', 'orphan.txt', []],
      ]);
      await context.other.remove(missing);
      await context.storage.delete(orphan);
    },
  },
  {
    id: 'T3.shared-replaced',
    title: 'a replaced object that another row names stays until that row lets go',
    async run(context) {
      const one = await context.document('a.txt');
      const twin = await context.other.insert({ name: 'twin', avatar: await context.storedName(one.id) });
      await context.file(await context.find(one.id)).save('new', { name: 'new.txt' });
      await context.storedText(twin, 'content of a.txt');
      await context.subject.remove(await context.find(twin));
    },
  },
  {
    id: 'T3.shared-removed',
    title: 'the object of a removed row that another row names stays',
    async run(context) {
      const one = await context.document('a.txt');
      const twin = await context.other.insert({ name: 'twin', avatar: await context.storedName(one.id) });
      await context.subject.remove(await context.find(one.id));
      await context.storedText(twin, 'content of a.txt');
    },
  },
];
