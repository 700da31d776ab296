import assert from 'node:assert/strict';
import { adopt, file, noFile } from '@fieldfile/core';
import { rejectsWith } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';

const DEFAULT = 'default.png';

/** T3, T14: what any row names, in whatever field, is not removed, and a default never. */
export const references: readonly BindingBehaviour[] = [
  ...[true, false].flatMap(journaled => elsewhere(journaled)),
  {
    id: 'T14.default-inserted',
    title: 'a row that nobody gave a file has the default: in the database, and in the row object',
    field: { default: DEFAULT },
    async run(context) {
      await context.storage.save(DEFAULT, 'the default');
      const { id } = await context.document();
      assert.equal(await context.storedName(id), DEFAULT);
      assert.equal(await context.file(await context.find(id)).stored?.text(), 'the default');
    },
  },
  {
    id: 'T14.default-shown',
    title: 'the row object that was inserted shows the default',
    field: { default: DEFAULT },
    async run(context) {
      await context.storage.save(DEFAULT, 'the default');
      const row = await context.document();
      assert.equal(context.file(row).name, DEFAULT);
      assert.equal(context.file(row).pending, false);
    },
  },
  ...[true, false].map(
    (journaled): BindingBehaviour => ({
      id: `T14.default-kept${journaled ? '' : '-unjournaled'}`,
      title: `no row removes the default: not with another file, not cleared, not with itself${journaled ? '' : ', without a journal'}`,
      field: { default: DEFAULT },
      journaled,
      async run(context) {
        const { subject } = context;
        await context.storage.save(DEFAULT, 'the default');
        const [replaced, assigned, deleted, removed] = await fourRows(context);
        await context.file(replaced).save('own', { name: 'own.png' });
        subject.assign(assigned, file('assigned', 'assigned.png'));
        await subject.save(assigned, {});
        await context.file(deleted).delete();
        await subject.remove(removed);
        assert.equal(await context.text(DEFAULT), 'the default');
        assert.equal((await context.storedName(deleted.id)) || null, null);
        const { id } = await context.document(); // so that a row names it at the end
        assert.equal(await context.storedName(id), DEFAULT);
      },
    }),
  ),
  {
    id: 'T14.default-cleared',
    title: 'a row that is inserted cleared on purpose has no file',
    field: { default: DEFAULT },
    async run(context) {
      await context.storage.save(DEFAULT, 'the default');
      await context.document();
      const row = context.subject.make({ name: 'cleared' });
      context.subject.assign(row, noFile);
      const { id } = await context.subject.insert(row);
      assert.equal((await context.storedName(id)) || null, null);
    },
  },
  {
    id: 'T14.default-replaced',
    title: 'handle.replace of the default is refused: every row would show it',
    field: { default: DEFAULT },
    async run(context) {
      await context.storage.save(DEFAULT, 'the default');
      const { id } = await context.document();
      const { stored } = context.file(await context.find(id));
      assert.ok(stored, 'the row shows no default');
      await rejectsWith('invalid-argument', stored.replace('mine'));
      assert.equal(await context.text(DEFAULT), 'the default');
    },
  },
  {
    id: 'T14.default-assigned',
    title: "another row's default, assigned, is the default, not a copy of it",
    field: { default: DEFAULT },
    async run(context) {
      await context.storage.save(DEFAULT, 'the default');
      const { id } = await context.document();
      const other = await context.document('own.png');
      const row = await context.find(other.id);
      context.subject.assign(row, context.file(await context.find(id)));
      await context.subject.save(row, {});
      assert.equal(await context.storedName(other.id), DEFAULT);
    },
  },
];

/** An object that another field names, with a journal and without. */
function elsewhere(journaled: boolean): BindingBehaviour[] {
  const [suffix, words] = journaled ? ['', ''] : ['-unjournaled', ', without a journal'];
  return [
    {
      id: `T14.other-field-cleared${suffix}`,
      title: `an object that another field of the row names stays when this one is cleared${words}`,
      journaled,
      async run(context) {
        const { row, name } = await twiceNamed(context);
        await context.file(row).delete();
        assert.equal(await context.text(name), 'content of shared.txt');
      },
    },
    {
      id: `T14.other-field-replaced${suffix}`,
      title: `an object that another field of the row names stays when this one gets another file${words}`,
      journaled,
      async run(context) {
        const { row, name } = await twiceNamed(context);
        context.subject.assign(row, file('new', 'new.txt'));
        await context.subject.save(row, {});
        assert.equal(await context.text(name), 'content of shared.txt');
        await context.storedText(row.id, 'new');
      },
    },
    {
      id: `T14.other-row-removed${suffix}`,
      title: `an object that another row names in another field stays when a row is removed${words}`,
      journaled,
      async run(context) {
        const { id } = await context.document('shared.txt');
        const row = await context.find(id);
        const name = context.file(row).name ?? '';
        const other = await context.find((await context.document()).id);
        context.subject.assign(other, adopt(name), 'cover');
        await context.subject.save(other, {});
        await context.subject.remove(row);
        assert.equal(await context.text(name), 'content of shared.txt');
      },
    },
  ];
}

/** A row whose two fields name one object. */
async function twiceNamed(context: BindingContext) {
  const { id } = await context.document('shared.txt');
  const first = await context.find(id);
  const name = context.file(first).name ?? '';
  context.subject.assign(first, adopt(name), 'cover');
  await context.subject.save(first, {});
  return { row: await context.find(id), name };
}

async function fourRows(context: BindingContext) {
  const find = async () => context.find((await context.document()).id);
  return [await find(), await find(), await find(), await find()] as const;
}
