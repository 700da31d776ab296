import assert from 'node:assert/strict';
import { file, isFieldFileError } from '@fieldfile/core';
import { Skip } from '../contract/behaviour.ts';
import { rejection, rejectsWith } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import type { BindingUnderTest } from './options.ts';

/** O9, O11: columns that are given as one object, as an application makes it of a row or of what a client sent. */
export const givenColumns: readonly BindingBehaviour[] = [
  {
    id: 'O11.own-name',
    title: "an update with a row's own columns and a new one leaves its file alone",
    async run(context) {
      const update = updating(context);
      for (const filename of ['a.txt', undefined]) {
        const { id } = await context.document(filename);
        const row = await context.find(id);
        const [before, calls] = [await context.storedName(id), context.calls.length];
        await update(row, { ...row, name: 'renamed' });
        assert.equal(context.calls.length, calls, 'the storage was called');
        assert.equal((await context.stored(id)).name, 'renamed');
        assert.equal(await context.storedName(id), before);
        assert.equal(context.file(row).name, before);
      }
    },
  },
  {
    id: 'O11.own-file',
    title: "an update with a row's own file, of this or of another load, leaves it alone",
    async run(context) {
      const update = updating(context);
      const { id } = await context.document('a.txt');
      const [row, other] = [await context.find(id), await context.find(id)];
      const [before, calls] = [await context.storedName(id), context.calls.length];
      for (const avatar of [context.file(row), context.file(other)]) await update(row, { avatar });
      assert.equal(context.calls.length, calls, 'the storage was called');
      assert.equal(await context.storedName(id), before);
    },
  },
  {
    id: 'O11.pending-kept',
    title: "an update with a row's own columns stores what was assigned to the row before",
    async run(context) {
      const update = updating(context);
      for (const filename of ['old.txt', undefined]) {
        const { id } = await context.document(filename);
        const row = await context.find(id);
        context.subject.assign(row, file('assigned', 'new.txt'));
        await update(row, { ...row, name: 'renamed' });
        await context.storedText(id, 'assigned');
      }
    },
  },
  {
    id: 'O1.given-at-once',
    title:
      'an update that gives one column what another has, and that one a new file, keeps both, in whatever order',
    async run(context) {
      const update = updating(context);
      for (const inOrder of [true, false]) {
        const { id } = await context.document('current.txt');
        const row = await context.find(id);
        const [kept, given] = [{ cover: context.file(row) }, { avatar: file('new', 'new.txt') }];
        await update(row, inOrder ? { ...kept, ...given } : { ...given, ...kept });
        const { avatar, cover } = await context.stored(id);
        assert.ok(avatar && cover, 'a column is empty');
        const texts = [await context.text(avatar), await context.text(cover)];
        assert.deepEqual(texts, ['new', 'content of current.txt']);
      }
    },
  },
  {
    id: 'O11.other-name',
    title: "an update with another name than the row's is refused, of a row and of a key alone",
    async run(context) {
      const update = updating(context);
      const victim = await context.document('victim.txt');
      const { id } = await context.document('a.txt');
      const row = await context.find(id);
      const avatar = await context.storedName(victim.id);
      for (const given of [row, { id }, await context.find(id)])
        await rejectsWith('invalid-argument', update(given, { name: 'renamed', avatar }));
      assert.equal((await context.stored(id)).name, 'a document');
      await context.storedText(id, 'content of a.txt');
      await context.storedText(victim.id, 'content of victim.txt');
    },
  },
  {
    id: 'O9.undefined-columns',
    title: 'undefined columns are left out, and an update without any other writes nothing',
    async run(context) {
      const update = updating(context);
      const { id } = await context.document('a.txt');
      const row = await context.find(id);
      const before = await context.stored(id);
      await update(row, { name: undefined, avatar: undefined });
      await update(row, {});
      await update(row, { avatar: new File([], '') }); // an input that nobody touched
      assert.deepEqual(await context.stored(id), before);
      assert.equal(row.name, 'a document');
      await update(row, { name: undefined, avatar: file('new', 'new.txt') });
      assert.equal((await context.stored(id)).name, 'a document');
      await context.storedText(id, 'new');
    },
  },
  {
    id: 'O9.by-key-alone',
    title: 'an update of a key alone writes columns, and replaces or clears the file that the row has',
    field: { uploadTo: (row, filename) => `of ${row.name}/${filename}` },
    async run(context) {
      const update = updating(context);
      const { id } = await context.document('old.txt');
      await update({ id }, { name: 'renamed' });
      await context.storedText(id, 'content of old.txt');
      const given = { id };
      await update(given, { avatar: file('new', 'new.txt') });
      await context.storedText(id, 'new');
      assert.equal(await context.storedName(id), 'of renamed/new.txt');
      await context.agrees();
      await update(given, { avatar: file('newer', 'newer.txt') });
      await context.storedText(id, 'newer');
      await update({ id }, { avatar: null });
      assert.equal(await context.storedName(id), null);
    },
  },
  {
    id: 'O9.no-such-key',
    title: 'an update of a key that no row has stores nothing and is refused',
    async run(context) {
      const update = updating(context);
      const { id } = await context.document();
      const updated = update({ id: id + 1 }, { avatar: file('lost', 'lost.txt') });
      const error = await rejection(updated, 'the update');
      assert.ok(isFieldFileError(error, 'conflict', 'not-found'), String(error));
      assert.deepEqual(await context.objects(), []);
    },
  },
];

type Update = NonNullable<BindingUnderTest['update']>;

/** @throws Skip where the ORM has no such call. */
function updating({ subject }: BindingContext): Update {
  if (!subject.update) throw new Skip('columns are not given as one object');
  return subject.update.bind(subject);
}
