import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { type FieldFileError, isFieldFileError, type Storage } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { before, refused } from '../faults/fault.ts';
import { rejection, rejectsWith } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';

/** Every call, on a storage whose client has no rights. */
const CALLS: Readonly<Record<string, (storage: Storage) => Promise<unknown>>> = {
  save: storage => storage.save('new.txt', 'new'),
  replace: storage => storage.replace('old.txt', 'new'),
  open: storage => storage.open('old.txt'),
  info: storage => storage.info('old.txt'),
  exists: storage => storage.exists('old.txt'),
  delete: storage => storage.delete('old.txt'),
  copy: storage => storage.copy('old.txt', 'new.txt'),
  async list(storage) {
    for await (const _ of storage.list());
  },
};

/** S10: one error model, and honest answers about what is not there. */
export const errors: readonly StorageBehaviour[] = [
  {
    id: 'S10.not-found',
    title: 'says what was not found, where and by what',
    async run(context) {
      for (const call of [
        () => context.storage.info('folder/absent.txt'),
        () => context.storage.open('folder/absent.txt'),
        () => context.storage.copy('folder/absent.txt', 'b.txt'),
      ]) {
        const error = await rejectsWith('not-found', call);
        wellFormed(context, error, 'folder/absent.txt');
        assert.equal(error.retryable, false);
        assert.equal(error.applied, false);
      }
    },
  },
  {
    id: 'S10.absent',
    title: 'answers truthfully about what is not there',
    async run(context) {
      for (const name of ['absent.txt', 'absent/folder/a.txt']) {
        assert.equal(await context.storage.exists(name), false);
        assert.equal(await context.backend.info(context.objectName(name)), undefined);
        assert.equal(await context.backend.remove(context.objectName(name)), false);
        await context.storage.delete(name);
      }
      await context.storage.save('folder/a.txt', 'one');
      assert.equal(await context.storage.exists('folder'), false, 'a folder is taken for an object');
      assert.equal(await context.backend.remove(context.objectName('folder/a.txt')), true);
      await context.storage.delete('folder/a.txt');
      assert.equal(await context.storage.exists('folder/a.txt'), false);
    },
  },
  {
    id: 'S10.folder-is-no-object',
    title: 'neither opens, copies nor deletes a folder',
    async run(context) {
      await context.storage.save('folder/a.txt', 'one');
      await rejectsWith('not-found', context.storage.open('folder'));
      await rejectsWith('not-found', context.storage.copy('folder', 'b'));
      await context.storage
        .delete('folder')
        .catch(error => assert.ok(isFieldFileError(error), String(error)));
      assert.equal(await context.text('folder/a.txt'), 'one');
    },
  },
  {
    id: 'S10.remove-if-match',
    title: 'removes only the version that was asked for',
    async run(context) {
      context.needs('remove-if-match');
      await context.storage.save('a.txt', 'one');
      const { version } = await context.storage.info('a.txt');
      await context.storage.replace('a.txt', 'two');
      const error = await rejectsWith('precondition', context.storage.delete('a.txt', { ifMatch: version }));
      wellFormed(context, error, 'a.txt');
      assert.equal(await context.text('a.txt'), 'two');
      await context.storage.delete('a.txt', { ifMatch: (await context.storage.info('a.txt')).version });
      await context.holds([]);
    },
  },
  {
    id: 'S10.delete-many',
    title: 'deletes many at once, the missing ones silently',
    async run(context) {
      const names = Array.from({ length: 25 }, (_, index) => `folder-${index % 3}/${index}.txt`);
      for (const name of [...names, 'kept.txt']) await context.storage.save(name, name);
      const failed = await context.storage.deleteMany([...names, 'absent.txt', 'absent/a.txt']);
      assert.deepEqual([...failed], []);
      await context.holds(['kept.txt']);
    },
  },
  {
    id: 'S10.delete-many-partial',
    title: 'tells which of many it could not delete, and deletes the rest',
    async run(context) {
      for (const name of ['a', 'b', 'c']) await context.storage.save(name, name);
      const { backend } = context.faulty([{ on: 'remove', name: 'b', fault: before(refused) }]);
      // One by one, also where the provider removes in batches: whose refusal of one name cannot be injected.
      const oneByOne = new Proxy(backend, {
        get: (target, property) => (property === 'removeMany' ? undefined : Reflect.get(target, property)),
      });
      const failed = await context.around(oneByOne).deleteMany(['a', 'b', 'c']);
      assert.deepEqual([...failed.keys()], ['b']);
      assert.ok(isFieldFileError(failed.get('b'), 'permission'));
      await context.holds(['b']);
    },
  },
  ...Object.entries(CALLS).map(
    ([operation, call]): StorageBehaviour => ({
      id: `S10.forbidden-${operation}`,
      title: `says that it is forbidden, not that nothing is there (${operation})`,
      async run(context) {
        const forbidden = await context.offered('forbidden')();
        await context.storage.save('old.txt', 'old');
        const error = await rejectsWith('permission', () => call(forbidden), `a forbidden ${operation}`);
        assert.equal(error.retryable, false);
        assert.equal(await context.text('old.txt'), 'old');
      },
    }),
  ),
  {
    id: 'S10.ids',
    title: 'says its id in errors; two clients of one place have one id, two places two',
    async run(context) {
      const error = await rejectsWith('not-found', context.storage.open('absent.txt'));
      assert.equal(error.storage, context.storage.id);
      const reopened = await context.subject.reopen?.();
      if (reopened) assert.equal(reopened.id, context.storage.id);
    },
  },
  {
    id: 'S10.secrets',
    title: 'shows no secret in errors or when inspected',
    async run(context) {
      const shown: unknown[] = [
        context.storage,
        context.backend,
        await rejection(context.storage.open('absent.txt')),
        await rejection(context.storage.save('../a.txt', 'one')),
        await rejection(context.storage.save('a.txt', 'one', { signal: AbortSignal.abort() })),
        await context.storage.undo('a.txt', newWriteId()),
      ];
      for (const value of shown) {
        const text = `${value} ${inspect(value, { depth: 20, showHidden: false })} ${JSON.stringify(value)}`;
        for (const secret of context.settings.secrets)
          assert.ok(!text.includes(secret), `a secret is seen in ${inspect(value, { depth: 0 })}`);
      }
    },
  },
];

function wellFormed(context: StorageContext, error: FieldFileError, name: string): void {
  assert.equal(error.storage, context.storage.id);
  assert.equal(error.objectName, name);
  assert.ok(error.operation, 'the error does not say what failed');
  assert.ok(error.message.includes(name), `"${error.message}" does not say which object`);
}
