import assert from 'node:assert/strict';
import { rejectsWith } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

const MARKS = 'fieldfile-application/';

/** S8: what applications mark a location with is nobody's object. */
export const applicationMarks: readonly StorageBehaviour[] = [
  {
    id: 'S8.application-marks',
    title: 'does not list the marks of applications, at whatever depth, but to who asks for them',
    async run({ storage }) {
      const marks = [`${MARKS}shop`, `folder/${MARKS}shop`];
      for (const mark of marks) {
        await storage.save(mark, 'first', { onTaken: 'fail' });
        await rejectsWith('exists', storage.save(mark, 'second', { onTaken: 'fail' }));
      }
      const objects = [
        'a.txt',
        'fieldfile-applications/a',
        'folder/b.txt',
        'folder/fieldfile-application.txt',
      ];
      for (const name of objects) await storage.save(name, 'object');
      const listed = async (prefix?: string, limit?: number) =>
        (await Array.fromAsync(storage.list(prefix, limit === undefined ? {} : { limit }))).map(
          ({ name }) => name as string,
        );
      assert.deepEqual((await listed()).sort(), objects);
      assert.deepEqual((await listed('folder/')).sort(), objects.slice(2));
      assert.equal((await listed('', 4)).length, 4, 'marks count for the limit');
      assert.deepEqual(await storage.listdir('folder'), {
        folders: [],
        files: ['b.txt', 'fieldfile-application.txt'],
      });
      assert.deepEqual([...(await storage.listdir()).folders].sort(), ['fieldfile-applications', 'folder']);
      for (const mark of marks)
        assert.deepEqual(await listed(mark.slice(0, -'shop'.length)), [mark], 'the marks cannot be found');
    },
  },
];
