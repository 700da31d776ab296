import assert from 'node:assert/strict';
import { isFieldFileError } from '@fieldfile/core';
import type { ByteRange, ReadOptions } from '@fieldfile/core/backend';
import { patternBytes, patternStream } from '../content/pattern.ts';
import { before, halfWay, refused, shortBody } from '../faults/fault.ts';
import { recordCalls } from '../faults/record-calls.ts';
import { withFaults } from '../faults/with-faults.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';

const SIZE = 200_000;

/** Every call but the first: nothing more is delivered, so that going on is of no use. */
const LATER = Array.from({ length: 20 }, (_, index) => index + 2);

const RANGES: readonly (readonly [id: string, what: string, range: ByteRange])[] = [
  ['first', 'the first byte', { start: 0, endExclusive: 1 }],
  ['last', 'the last byte', { start: SIZE - 1, endExclusive: SIZE }],
  ['middle', 'bytes in the middle', { start: 65_535, endExclusive: 131_073 }],
  ['open', 'everything from a byte on', { start: SIZE - 70_000 }],
  ['whole', 'everything', { start: 0, endExclusive: SIZE }],
  [
    'past-end',
    'what there is when a range ends beyond the end',
    { start: SIZE - 10, endExclusive: SIZE + 10 },
  ],
  ['at-end', 'nothing from the end on', { start: SIZE }],
  ['beyond-end', 'nothing beyond the end', { start: SIZE + 10, endExclusive: SIZE + 20 }],
  ['empty', 'nothing in an empty range', { start: 5, endExclusive: 5 }],
];

/** S5: what is read is what was stored: whole, exactly the range, or an error that says so. */
export const reads: readonly StorageBehaviour[] = [
  ...RANGES.map(
    ([id, what, range]): StorageBehaviour => ({
      id: `S5.range-${id}`,
      title: `reads ${what}`,
      async run(context) {
        const bytes = patternBytes(1, SIZE);
        await context.storage.save('a.bin', bytes);
        await using opened = await context.storage.open('a.bin', { range });
        sameBytes(await opened.bytes(), bytes.subarray(range.start, range.endExclusive));
        assert.equal(opened.info.sizeBytes, SIZE, 'info is not about the whole object');
      },
    }),
  ),
  {
    id: 'S5.range-empty-object',
    title: 'reads nothing of an empty object, by any range',
    async run(context) {
      await context.storage.save('a.bin', '');
      for (const range of [
        { start: 0 },
        { start: 0, endExclusive: 0 },
        { start: 0, endExclusive: 10 },
        { start: 10 },
      ]) {
        await using opened = await context.storage.open('a.bin', { range });
        assert.equal((await opened.bytes()).byteLength, 0);
      }
    },
  },
  {
    id: 'S5.range-invalid',
    title: 'refuses a range that is negative, reversed or not whole, without calling the service',
    async run(context) {
      await context.storage.save('a.bin', 'content');
      const { backend, calls } = recordCalls(context.backend);
      const storage = context.around(backend);
      for (const range of [
        { start: -1 },
        { start: 2, endExclusive: 1 },
        { start: 0.5 },
        { start: 0, endExclusive: Number.NaN },
      ])
        await rejectsWith(
          'invalid-argument',
          storage.open('a.bin', { range }),
          `opening ${JSON.stringify(range)}`,
        );
      assert.deepEqual(calls, []);
    },
  },
  {
    id: 'S5.info',
    title: 'tells the same of an object when it is written, opened and asked for',
    async run(context) {
      const write = await context.storage.create('folder/a.bin', patternBytes(1, SIZE));
      await context.storage.settle(write.name, write.writeId);
      await using opened = await context.storage.open(write.name);
      const stat = await context.storage.stat(write.name);
      for (const info of [write.info, opened.info, stat]) {
        assert.equal(info.key, 'folder/a.bin');
        assert.equal(info.sizeBytes, SIZE);
        assert.equal(info.version, stat.version);
        assert.ok(info.lastModified instanceof Date && !Number.isNaN(info.lastModified.getTime()));
      }
    },
  },
  {
    id: 'S5.if-match',
    title: 'opens only the version that was asked for',
    async run(context) {
      await context.storage.save('a.txt', 'one');
      const { version } = await context.storage.stat('a.txt');
      {
        await using opened = await context.storage.open('a.txt', { ifMatch: version });
        assert.equal(await opened.text(), 'one');
      }
      await context.storage.replace('a.txt', 'two');
      await rejectsWith('precondition', context.storage.open('a.txt', { ifMatch: version }));
      await rejectsWith(
        'precondition',
        context.storage.open('a.txt', { ifMatch: version, range: { start: 1 } }),
      );
    },
  },
  {
    id: 'S5.concurrent',
    title: 'gives many readers at once the same bytes',
    async run(context) {
      const { largeBytes, concurrency } = context.settings;
      const bytes = patternBytes(1, largeBytes);
      await context.storage.save('a.bin', bytes);
      await Promise.all(
        Array.from({ length: concurrency }, async (_, reader) => {
          const range = {
            start: reader * 1000,
            endExclusive: Math.min(largeBytes, reader * 1000 + 1_000_000),
          };
          await using opened = await context.storage.open('a.bin', { range });
          sameBytes(
            await opened.bytes(),
            bytes.subarray(range.start, range.endExclusive),
            `what reader ${reader} got`,
          );
        }),
      );
    },
  },
  {
    id: 'S5.abandoned',
    title:
      'frees what it holds when reads are abandoned: unread, half-way, disposed, cancelled, broken out of',
    async run(context) {
      await context.storage.save('a.bin', patternStream(1, context.settings.largeBytes));
      const abandon: readonly ((context: StorageContext) => Promise<void>)[] = [
        async ({ storage }) => (await storage.open('a.bin'))[Symbol.asyncDispose](),
        async ({ storage }) => (await storage.open('a.bin')).body.cancel(),
        async ({ storage }) => {
          await using opened = await storage.open('a.bin');
          const reader = opened.body.getReader();
          await reader.read();
        },
        async ({ storage }) => {
          const opened = await storage.open('a.bin');
          const reader = opened.body.getReader();
          await reader.read();
          await reader.cancel('enough');
        },
        async ({ storage }) => {
          for await (const _ of (await storage.open('a.bin')).body) break;
        },
        async ({ storage }) => {
          await using opened = await storage.open('a.bin', { range: { start: 10 } });
          for await (const _ of opened.body) break;
        },
      ];
      for (let round = 0; round < 10; round++) {
        for (const read of abandon) await context.soon(read(context), 'an abandoned read');
        await context.nothingLeft();
      }
      await context.storage.delete('a.bin');
    },
  },
  {
    id: 'S5.disposed-twice',
    title: 'may be disposed of twice, and after it was read',
    async run(context) {
      await context.storage.save('a.txt', 'one');
      const opened = await context.storage.open('a.txt');
      assert.equal(await opened.text(), 'one');
      await opened[Symbol.asyncDispose]();
      await opened[Symbol.asyncDispose]();
    },
  },
  {
    id: 'S5.resume',
    title: 'goes on after a reset in mid-download, byte for byte, from the same version',
    async run(context) {
      const bytes = patternBytes(1, context.settings.largeBytes);
      await context.storage.save('a.bin', bytes);
      const { backend, calls } = recordCalls(context.backend);
      const broken = withFaults(backend, [
        { on: 'read', nth: 1, fault: halfWay(100_000) },
        { on: 'read', nth: 2, fault: halfWay(1) },
      ]);
      await using opened = await context.around(broken).open('a.bin');
      sameBytes(await opened.bytes(), bytes);
      const asked = calls.map(call => call.given[1] as ReadOptions);
      assert.deepEqual(
        asked.slice(1).map(({ range }) => range?.start),
        [100_000, 100_001],
      );
      for (const { ifMatch } of asked.slice(1)) assert.equal(ifMatch, opened.info.version);
    },
  },
  {
    id: 'S5.resume-range',
    title: 'goes on within the range that was asked for',
    async run(context) {
      const bytes = patternBytes(1, SIZE);
      await context.storage.save('a.bin', bytes);
      const storage = context.faulty([{ on: 'read', nth: 1, fault: halfWay(50_000) }]);
      await using opened = await storage.open('a.bin', { range: { start: 1000, endExclusive: 150_000 } });
      sameBytes(await opened.bytes(), bytes.subarray(1000, 150_000));
    },
  },
  {
    id: 'S5.resume-changed',
    title: 'fails rather than mix two versions when the object changed before it could go on',
    async run(context) {
      await context.storage.save('a.bin', patternBytes(1, SIZE));
      const storage = context.faulty([{ on: 'read', nth: 1, fault: halfWay(100_000) }]);
      await using opened = await storage.open('a.bin');
      await context.storage.replace('a.bin', patternBytes(2, SIZE));
      await rejectsWith(['precondition', 'conflict', 'not-found'], opened.bytes());
    },
  },
  {
    id: 'S5.resume-removed',
    title: 'fails when the object was removed before it could go on',
    async run(context) {
      await context.storage.save('a.bin', patternBytes(1, SIZE));
      const storage = context.faulty([{ on: 'read', nth: 1, fault: halfWay(100_000) }]);
      await using opened = await storage.open('a.bin');
      await context.storage.delete('a.bin');
      await rejectsWith(['precondition', 'conflict', 'not-found'], opened.bytes());
    },
  },
  {
    id: 'S5.reset-for-good',
    title: 'fails when it cannot go on, and is never silently short',
    async run(context) {
      await context.storage.save('a.bin', patternBytes(1, SIZE));
      const first = { on: 'read', nth: 1, fault: halfWay(10) } as const;
      const plans = [
        [first, { on: 'read', nth: LATER, fault: halfWay(0) }],
        [first, { on: 'read', nth: LATER, fault: before(refused) }],
      ] as const;
      for (const plan of plans) {
        await using opened = await context.faulty(plan, { attempts: 3, baseDelayMs: 0 }).open('a.bin');
        await rejectsWith(
          ['backend', 'permission'],
          context.soon(opened.bytes(), 'a read that cannot go on'),
        );
      }
    },
  },
  {
    id: 'S5.short-body',
    title: 'notices a body that ends early as if it were whole',
    async run(context) {
      const bytes = patternBytes(1, SIZE);
      await context.storage.save('a.bin', bytes);
      await using once = await context.faulty([{ on: 'read', nth: 1, fault: shortBody(1000) }]).open('a.bin');
      sameBytes(await once.bytes(), bytes);
      const plan = [
        { on: 'read', nth: 1, fault: shortBody(1000) },
        { on: 'read', nth: LATER, fault: shortBody(0) },
      ] as const;
      const storage = context.faulty(plan, { attempts: 3, baseDelayMs: 0 });
      await using always = await storage.open('a.bin');
      await rejectsWith('integrity', always.bytes());
    },
  },
  {
    id: 'S5.read-while-replaced',
    title:
      'gives a reader the version it opened, or an error, when the object is replaced or removed meanwhile',
    async run(context) {
      const { largeBytes } = context.settings;
      const old = patternBytes(1, largeBytes);
      const changes = [
        () => context.storage.replace('a.bin', patternBytes(2, largeBytes)),
        () => context.storage.delete('a.bin'),
      ];
      for (const change of changes) {
        await context.storage.replace('a.bin', old);
        await using opened = await context.storage.open('a.bin');
        await change();
        const read = await opened.bytes().catch(error => {
          if (!isFieldFileError(error, 'precondition', 'not-found', 'conflict', 'integrity')) throw error;
        });
        if (read) sameBytes(read, old);
      }
    },
  },
];
