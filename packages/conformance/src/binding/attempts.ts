import assert from 'node:assert/strict';
import { file, upload } from '@fieldfile/core';
import { rejection } from '../storage/assertions.ts';
import type { BindingBehaviour } from './context.ts';
import { serializationFailure } from './steps.ts';

/** T8: of what a transaction stores at several attempts, one object stays for each row. */
export const attempts: readonly BindingBehaviour[] = [
  {
    id: 'T8.retried-insert',
    title: 'a row object that every attempt of a transaction makes anew leaves one object',
    async run(context) {
      context.needs('retries', 'unsaved-rows');
      let attempts = 0;
      await context.subject.transaction(
        async rows => {
          const row = rows.make({ name: 'new' });
          context.subject.assign(row, file(`attempt ${++attempts}`, 'new.txt'));
          await rows.insert(row);
          if (attempts < 3) throw serializationFailure();
        },
        { attempts: 3 },
      );
      const [stored, ...others] = await context.other.rows();
      assert.deepEqual(others, []);
      assert.ok(stored);
      await context.storedText(stored.id, 'attempt 3');
    },
  },
  {
    id: 'T8.retried-update',
    title: 'a row object that every attempt of a transaction loads anew leaves one object',
    async run(context) {
      context.needs('retries');
      const { id } = await context.document('old.txt');
      let attempts = 0;
      await context.subject.transaction(
        async rows => {
          const row = await context.find(id, rows);
          context.subject.assign(row, file(`attempt ${++attempts}`, 'new.txt'));
          await rows.save(row, {});
          if (attempts < 3) throw serializationFailure();
        },
        { attempts: 3 },
      );
      await context.storedText(id, 'attempt 3');
    },
  },
  {
    id: 'T8.retried-in-savepoint',
    title: 'a row object that a savepoint of every attempt makes anew leaves one object',
    async run(context) {
      context.needs('retries', 'unsaved-rows', 'savepoints');
      let attempts = 0;
      await context.subject.transaction(
        async rows => {
          await context.savepoint(rows, async inner => {
            const row = inner.make({ name: 'new' });
            context.subject.assign(row, file(`attempt ${++attempts}`, 'new.txt'));
            await inner.insert(row);
          });
          if (attempts < 3) throw serializationFailure();
        },
        { attempts: 3 },
      );
      assert.equal((await context.other.rows()).length, 1);
    },
  },
  {
    id: 'T8.retried-failed-statement',
    title: 'a row object whose statement failed at an attempt of a transaction leaves no object',
    async run(context) {
      context.needs('retries', 'unsaved-rows');
      const { id } = await context.document('old.txt');
      let attempts = 0;
      await context.subject.transaction(
        async rows => {
          if (++attempts === 2) return;
          const row = rows.make({ id, name: 'of the same key' });
          context.subject.assign(row, file('never', 'never.txt'));
          await rejection(rows.insert(row), 'the insert');
          throw serializationFailure();
        },
        { attempts: 2 },
      );
      await context.storedText(id, 'content of old.txt');
    },
  },
  {
    id: 'T8.retried-otherwise',
    title:
      'what was uploaded before a transaction, and not written by the attempt that commits, can be saved afterwards',
    async run(context) {
      context.needs('retries');
      const { id } = await context.document('old.txt');
      const row = await context.find(id);
      context.subject.assign(row, file(new Response('new').body ?? '', 'new.txt'));
      await upload(row);
      let attempts = 0;
      await context.subject.transaction(
        async rows => {
          if (++attempts === 2) return;
          await rows.save(row, {});
          throw serializationFailure();
        },
        { attempts: 2 },
      );
      await context.subject.save(row, {});
      await context.storedText(id, 'new');
    },
  },
  {
    id: 'T8.retried-in-vain-insert',
    title: 'row objects that a transaction makes anew and is tried in vain leave no object',
    async run(context) {
      context.needs('retries', 'unsaved-rows');
      let attempts = 0;
      const transaction = context.subject.transaction(
        async rows => {
          const row = rows.make({ name: 'never' });
          context.subject.assign(row, file(`attempt ${++attempts}`, 'never.txt'));
          await rows.insert(row);
          throw serializationFailure();
        },
        { attempts: 3 },
      );
      await rejection(transaction, 'the transaction');
      assert.equal(attempts, 3);
      assert.deepEqual(await context.other.rows(), []);
    },
  },
];
