import assert from 'node:assert/strict';
import { isFieldFileError, type Storage } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { recordCalls } from '../faults/record-calls.ts';
import { rejection, rejectsWith } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';
import { longestKey } from './longest-key.ts';

/** Names that lead out, or mean something else to the service than they say. */
const SUSPICIOUS = [
  '',
  '.',
  '..',
  '/',
  '../secret.txt',
  'a/../b.txt',
  'a/..',
  'a/./b.txt',
  './a.txt',
  '/etc/passwd',
  '//host/share',
  'a//b.txt',
  'a/',
  'C:/windows',
  'c:a.txt',
  'a\u0000.txt',
  'a\n.txt',
  'a\u007f.txt',
  '\ud800.txt',
  '..\\secret.txt',
  'a\\..\\b.txt',
];

const OPERATIONS: Readonly<Record<string, (storage: Storage, name: string) => Promise<unknown>>> = {
  save: (storage, name) => storage.save(name, 'one'),
  replace: (storage, name) => storage.replace(name, 'one'),
  open: (storage, name) => storage.open(name),
  info: (storage, name) => storage.info(name),
  exists: (storage, name) => storage.exists(name),
  delete: (storage, name) => storage.delete(name),
  'delete-many': async (storage, name) => {
    throw (await storage.deleteMany([name])).get(name);
  },
  'copy-from': (storage, name) => storage.copy(name, 'b.txt'),
  'copy-to': (storage, name) => storage.copy('a.txt', name),
  undo: (storage, name) => storage.undo(name, newWriteId()),
  settle: (storage, name) => storage.settle(name, newWriteId()),
};

/** Names that every storage takes as they are. */
const ODD: Readonly<Record<string, readonly string[]>> = {
  signs: [
    'a b.txt',
    'a+b.txt',
    'a#b.txt',
    'a?b.txt',
    'a&b=c;d.txt',
    'a@b!c$d^e~f.txt',
    '(a)[b]{c}.txt',
    'note: a,b|c<d>e*.txt',
  ],
  percent: ['100%.txt', 'a%20b.txt', '%2e%2e', '%2fetc', 'a%00b', '%'],
  quotes: [`it's.txt`, '"quoted".txt', '`a`.txt'],
  unicode: [
    'größe.txt',
    'фото.jpg',
    '写真/猫.jpg',
    '\u{1f600}.txt',
    'שלום.txt',
    'a\u200db.txt',
    '\ufeffa.txt',
    '\u2028.txt',
  ],
  dots: ['.hidden', 'a..b', 'folder.d/.x', 'a.', '..a', 'a..'],
  spaces: [' a', 'a ', 'a/ b /c', '\u00a0'],
  lookalikes: ['__proto__', 'constructor', 'null', 'undefined', '0', '-', '-rf', '*'],
};

/** S7: names mean what they say, everywhere. */
export const names: readonly StorageBehaviour[] = [
  ...Object.entries(OPERATIONS).map(
    ([operation, call]): StorageBehaviour => ({
      id: `S7.suspicious-${operation}`,
      title: `refuses names that lead out before the service hears of them (${operation})`,
      async run(context) {
        const { backend, calls } = recordCalls(context.backend);
        const storage = context.around(backend);
        for (const name of SUSPICIOUS) {
          const what = `${operation} of ${JSON.stringify(name)}`;
          await rejectsWith('suspicious-name', () => call(storage, name), what);
          assert.deepEqual(calls, [], `${what} reached the service`);
        }
      },
    }),
  ),
  {
    id: 'S7.suspicious-policy',
    title: 'refuses a name that leads out when a name policy made it (CVE-2024-39330)',
    async run(context) {
      await context.storage.save('a.txt', 'one');
      const storage = context.around(context.backend, {
        names: {
          first: 'keep',
          getValidName: name => name,
          generateFilename: name => name,
          getAlternativeName: () => '../escaped.txt',
        },
      });
      await rejectsWith('suspicious-name', storage.save('a.txt', 'two'));
      await context.holds(['a.txt']);
      assert.equal(await context.text('a.txt'), 'one');
    },
  },
  {
    id: 'S7.reserved',
    title: 'refuses the names that the backend keeps for itself',
    async run(context) {
      for (const segment of context.backend.limits.reservedSegments ?? [])
        await rejectsWith('suspicious-name', context.storage.save(`${segment}/a.txt`, 'one'));
      await context.holds([]);
    },
  },
  ...Object.entries(ODD).map(
    ([kind, odd]): StorageBehaviour => ({
      id: `S7.odd-${kind}`,
      title: `stores, tells, lists, opens, copies and deletes names as they are given (${kind})`,
      async run(context) {
        for (const name of odd) await roundTrip(context, name);
        await context.holds([]);
      },
    }),
  ),
  {
    id: 'S7.exact-names',
    title: 'keeps names apart that differ in case or Unicode normalisation only',
    async run(context) {
      context.needs('exact-names');
      const apart = ['caf\u00e9.txt', 'cafe\u0301.txt', 'CAF\u00c9.txt'];
      for (const name of apart) assert.equal(await context.storage.save(name, name), name);
      for (const name of apart) assert.equal(await context.text(name), name);
      await context.holds(apart);
    },
  },
  {
    id: 'S7.backslash',
    title: 'takes a backslash as a character, or refuses it before the service hears of it',
    async run(context) {
      if (context.backend.limits.refusesBackslash) {
        const { backend, calls } = recordCalls(context.backend);
        await rejectsWith('suspicious-name', context.around(backend).replace('a\\b.txt', 'one'));
        assert.deepEqual(calls, []);
      } else {
        // By replace: save reads a backslash as Django does, as "/".
        await context.storage.replace('a\\b.txt', 'one');
        assert.equal(await context.text('a\\b.txt'), 'one');
        assert.deepEqual(await context.storage.listdir(), { folders: [], files: ['a\\b.txt'] });
      }
    },
  },
  {
    id: 'S7.long-keys',
    title: 'takes keys as long as its limits, and refuses longer ones before the service hears of them',
    async run(context) {
      const { maxNameBytes, maxSegmentBytes = maxNameBytes } = context.backend.limits;
      for (const letter of ['a', '\u00e9', '\u732b']) {
        const width = Buffer.byteLength(letter);
        const segment =
          'x'.repeat(maxSegmentBytes % width) + letter.repeat(Math.floor(maxSegmentBytes / width));
        await roundTrip(context, segment);
        await rejectsWith('name-too-long', context.storage.replace(`${segment}a`, 'one'));
      }
      const longest = longestKey(maxNameBytes, Math.min(maxSegmentBytes, 100));
      await roundTrip(context, longest);
      const { backend, calls } = recordCalls(context.backend);
      await rejectsWith('name-too-long', context.around(backend).replace(`${longest}z`, 'one'));
      await rejectsWith('name-too-long', context.around(backend).info(`${longest}z`));
      assert.deepEqual(calls, []);
      const shortened = await context.storage.save(`${longest}zzzzzzzz`, 'one');
      assert.equal(await context.text(shortened), 'one');
    },
  },
  {
    id: 'S7.object-below-object',
    title: 'stores an object below the name of another, or refuses and keeps the first',
    async run(context) {
      await context.storage.save('a', 'one');
      if (context.settings.lacks['object-below-object'] === undefined) {
        await context.storage.save('a/b', 'two');
        assert.equal(await context.text('a/b'), 'two');
      } else {
        for (const method of ['save', 'replace'] as const) {
          const error = await rejection(context.storage[method]('a/b', 'two') as Promise<unknown>);
          assert.ok(isFieldFileError(error), `${method}() below an object rejected with ${error}`);
        }
        assert.equal(await context.storage.exists('a/b'), false);
      }
      assert.equal(await context.text('a'), 'one');
    },
  },
];

async function roundTrip(context: StorageContext, name: string): Promise<void> {
  const { storage } = context;
  assert.equal(await storage.save(name, 'content'), name);
  assert.equal((await storage.info(name)).name, name);
  assert.equal(await storage.exists(name), true);
  assert.equal(await context.text(name), 'content');
  await storage.replace(name, 'replaced');
  assert.equal(await context.text(name), 'replaced');
  assert.deepEqual(await context.names(), [name]);
  const copied = await storage.copy(name, 'copied');
  assert.equal(await context.text(copied), 'replaced');
  assert.deepEqual([...(await storage.deleteMany([copied]))], []);
  await storage.delete(name);
  assert.equal(await storage.exists(name), false, `${JSON.stringify(name)} is still there`);
}
