import assert from 'node:assert/strict';
import { file, upload } from '@fieldfile/core';
import { rejection } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';
import { type GatedContent, gatedContent } from './gated-content.ts';

/** T6: sending bytes holds no transaction and no lock. */
export const uploads: readonly BindingBehaviour[] = [
  {
    id: 'T6.save-in-place',
    title: 'while handle.save sends its bytes, another client writes the same row',
    async run(context) {
      const { id } = await context.document('old.txt');
      const handle = context.file(await context.find(id));
      await whileUploading(context, id, content => handle.save(content.stream, { name: 'slow.txt' }));
      await context.storedText(id, 'slow content');
    },
  },
  {
    id: 'T6.assigned',
    title: 'while a save of a row sends an assigned file, another client writes the same row',
    async run(context) {
      context.needs('upload-before-transaction');
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      await whileUploading(context, id, content => {
        context.subject.assign(row, file(content.stream, 'slow.txt'));
        return context.subject.save(row, {});
      });
      await context.storedText(id, 'slow content');
    },
  },
  {
    id: 'T6.insert',
    title: 'while an insert sends its file, another client writes',
    async run(context) {
      context.needs('upload-before-transaction');
      const { id } = await context.document('old.txt');
      await whileUploading(context, id, async content => {
        const row = context.subject.make({ name: 'slow' });
        context.subject.assign(row, file(content.stream, 'slow.txt'));
        await context.subject.insert(row);
      });
      assert.equal((await context.other.rows()).length, 2);
    },
  },
  {
    id: 'T6.uploaded-before',
    title: 'of a file that was uploaded before its transaction no storage is asked until the commit',
    async run(context) {
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      context.subject.assign(row, file('new', 'new.txt'));
      await upload(row);
      await context.subject.transaction(async rows => {
        const before = context.calls.length;
        await rows.save(row, { name: 'renamed' });
        assert.deepEqual(
          context.calls.slice(before).map(({ operation }) => operation),
          [],
        );
      });
      await context.storedText(id, 'new');
    },
  },
  {
    id: 'T6.uploaded-unsaved',
    title: 'a new row whose file was uploaded before is inserted with it',
    async run(context) {
      context.needs('unsaved-rows');
      const row = context.subject.make({ name: 'new' });
      context.subject.assign(row, file('new', 'new.txt'));
      await upload(row);
      const { id } = await context.subject.insert(row);
      await context.storedText(id, 'new');
    },
  },
  {
    id: 'T6.broken-off',
    title: 'an upload that breaks off half-way changes nothing',
    async run(context) {
      const { id } = await context.document('old.txt');
      const content = gatedContent('slow content');
      const saving = rejection(
        context.file(await context.find(id)).save(content.stream, { name: 'slow.txt' }),
        'the save',
      );
      await content.halfWay;
      content.fail(new Error('broken off'));
      assert.match(String(await saving), /broken off/);
      await context.storedText(id, 'content of old.txt');
    },
  },
];

/** Begins an upload, writes the row through another client while it is half-way, and lets it end. */
async function whileUploading(
  context: BindingContext,
  id: number,
  begin: (content: GatedContent) => Promise<void>,
): Promise<void> {
  const content = gatedContent('slow content');
  const uploading = begin(content);
  await context.soon(Promise.race([content.halfWay, uploading]), 'the upload');
  try {
    await context.soon(context.other.update(id, { name: 'written meanwhile' }), 'the other client');
    assert.equal((await context.other.openTransactions?.()) ?? 0, 0, 'a transaction is open');
  } finally {
    content.open();
    await uploading;
  }
}
