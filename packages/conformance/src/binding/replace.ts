import assert from 'node:assert/strict';
import { adopt, type FieldOptions } from '@fieldfile/core';
import { rejection, rejectsWith } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import { gatedContent } from './gated-content.ts';
import type { DocumentRow } from './options.ts';

const OLD = 'content of old.txt';

/** A column that every row of the contract's table has, and not every row object's type. */
const DESCRIBED: FieldOptions<DocumentRow> = { columns: { size: 'size' as 'id' } };

/** T13: bytes that are replaced, and the columns beside the name that tell of them. */
export const replace: readonly BindingBehaviour[] = [
  described({
    id: 'T13.columns',
    title: 'a column beside the name tells of the new bytes, and of nothing while they are on their way',
    async run(context) {
      const { id } = await context.document('old.txt');
      await tells(context, id, OLD);
      const handle = context.file(await context.find(id));
      const content = gatedContent('other bytes');
      const replacing = context.soon(handle.stored?.replace(content.stream) ?? Promise.resolve(), 'replace');
      await Promise.race([replacing, context.soon(content.halfWay, 'the upload')]);
      const { avatar, size } = await context.stored(id);
      content.open();
      await replacing;
      assert.deepEqual([avatar, size], ['old.txt', null]);
      await tells(context, id, 'other bytes');
      assert.equal(await handle.stored?.size(), 'other bytes'.length);
      await handle.stored?.replace('again');
      await tells(context, id, 'again');
    },
  }),
  described({
    id: 'T13.broken-content',
    title: 'content that breaks off leaves the bytes and what the column tells of them',
    async run(context) {
      const { id } = await context.document('old.txt');
      const handle = context.file(await context.find(id));
      const broken = new ReadableStream<Uint8Array>({
        pull: controller => controller.error(new Error('the source broke')),
      });
      const error = await rejection(handle.stored?.replace(broken) ?? Promise.resolve(), 'replace');
      assert.match(String(error), /the source broke/);
      await tells(context, id, OLD);
      await handle.stored?.replace('new');
      await tells(context, id, 'new');
    },
  }),
  described({
    id: 'T13.stale',
    title: 'a row object that knows another value of the column than the row has replaces nothing',
    async run(context) {
      const { id } = await context.document('old.txt');
      const [stale, fresh] = [await context.find(id), await context.find(id)];
      await context.file(fresh).stored?.replace('newer');
      await rejectsWith('conflict', Promise.resolve(context.file(stale).stored?.replace('stale bytes')));
      await tells(context, id, 'newer');
    },
  }),
  described({
    id: 'T13.unrelated-save',
    title: 'a row object that is older than the bytes is saved without what it knew of the old ones',
    async run(context) {
      const { id } = await context.document('old.txt');
      const [older, row] = [await context.find(id), await context.find(id)];
      context.file(older);
      await context.file(row).stored?.replace('the newer bytes');
      await context.subject.save(older, { name: 'renamed' });
      await tells(context, id, 'the newer bytes');
      await context.file(row).stored?.replace('newest');
      await context.subject.save(row, { name: 'renamed again' });
      await tells(context, id, 'newest');
    },
  }),
  described({
    id: 'T13.rivals',
    title:
      'of two who replace one file the second is a conflict, and the column tells of the bytes of the first',
    async run(context) {
      context.needs('journal');
      const { id } = await context.document('old.txt');
      const handle = context.file(await context.find(id));
      const content = gatedContent('first');
      const first = context.soon(handle.stored?.replace(content.stream) ?? Promise.resolve(), 'the first');
      await Promise.race([first, context.soon(content.halfWay, 'the upload')]);
      const rival = context.file(await context.find(id)).stored?.replace('second one');
      const [second] = await Promise.allSettled([context.soon(rival ?? Promise.resolve(), 'the second')]);
      content.open();
      await first;
      await tells(context, id, 'first');
      assert.equal(second?.status, 'rejected', 'both replaced the file');
      await rejectsWith('conflict', Promise.reject(second?.reason));
    },
  }),
  described({
    id: 'T13.fence-lost',
    title: 'whoever lost its journal entry while the bytes were on their way writes no column',
    async run(context) {
      context.needs('journal');
      const { journal } = context.subject;
      const { id } = await context.document('old.txt');
      const handle = context.file(await context.find(id));
      const kinds: string[] = [];
      async function* content(): AsyncGenerator<Uint8Array> {
        yield new TextEncoder().encode('other bytes');
        for (const entry of (await journal?.entries()) ?? []) {
          kinds.push(entry.kind);
          await journal?.end(entry.id);
        }
      }
      await rejectsWith('intent-lost', Promise.resolve(handle.stored?.replace(content())));
      assert.deepEqual(kinds, ['replace']);
      assert.equal((await context.stored(id)).size, null);
      await context.storedText(id, 'other bytes');
    },
  }),
  ...[true, false].map(
    (isDescribed): BindingBehaviour => ({
      id: `T13.in-transaction${isDescribed ? '' : '-without-columns'}`,
      title: `a replacement in a transaction is refused before anything is written, ${isDescribed ? 'with' : 'without'} columns`,
      ...(isDescribed ? { field: DESCRIBED } : {}),
      async run(context) {
        context.needs('save-in-transaction');
        const { id } = await context.document('old.txt');
        const { version } = await context.stored(id);
        await context.subject.transaction(async rows => {
          const row = await context.find(id, rows);
          const refused = context.file(row).stored?.replace('new');
          await rejectsWith('unsupported', Promise.resolve(refused));
          if (!rows.savepoint) return;
          await context.savepoint(rows, async inner => {
            const { stored } = context.file(await context.find(id, inner));
            await rejectsWith('unsupported', Promise.resolve(stored?.replace('new')));
          });
        });
        assert.ok(!context.calls.some(({ operation }) => operation === 'replace'));
        assert.equal((await context.stored(id)).version, version);
        if (isDescribed) await tells(context, id, OLD);
        await context.file(await context.find(id)).stored?.replace('afterwards');
        await context.storedText(id, 'afterwards');
      },
    }),
  ),
  described({
    id: 'T13.shared',
    title: 'an object that two rows name is not replaced where a column of one would tell of other bytes',
    async run(context) {
      const { id } = await context.document('old.txt');
      const twin = await context.document();
      const row = await context.find(twin.id);
      context.subject.assign(row, adopt('old.txt'));
      await context.subject.save(row, {});
      for (const shared of [id, twin.id]) {
        const { stored } = context.file(await context.find(shared));
        await rejectsWith('conflict', Promise.resolve(stored?.replace('new')));
      }
      await tells(context, id, OLD);
    },
  }),
  {
    id: 'T13.not-null',
    title: 'a column that takes no null is named before anything is written',
    field: { columns: { contentType: 'name' } },
    async run(context) {
      context.needs('not-null');
      const { id } = await context.document('old.txt');
      const { name } = await context.stored(id);
      const handle = context.file(await context.find(id));
      const error = await rejectsWith('invalid-argument', Promise.resolve(handle.stored?.replace('new')));
      assert.match(error.message, /name.*nullable/);
      assert.ok(!context.calls.some(({ operation }) => operation === 'replace'));
      await context.storedText(id, OLD);
      assert.equal((await context.stored(id)).name, name);
    },
  },
];

function described(behaviour: BindingBehaviour): BindingBehaviour {
  return { ...behaviour, field: DESCRIBED };
}

async function tells(context: BindingContext, id: number, text: string): Promise<void> {
  await context.storedText(id, text);
  assert.equal((await context.stored(id)).size, text.length, 'the column tells of other bytes');
}
