import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFieldFileError } from '@fieldfile/storage';
import { patternBytes, patternStream } from '../content/pattern.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';

const SIZE = 200_000;

/** S5: what is read is what was stored, and reading holds nothing longer than it must. */
export const reads: readonly StorageBehaviour[] = [
  {
    id: 'S5.info',
    title: 'tells the same of an object when it is written, opened and asked for',
    async run(context) {
      const write = await context.storage.create('folder/a.bin', patternBytes(1, SIZE));
      await context.storage.settle(write.name, write.writeId);
      await using opened = await context.storage.open(write.name);
      const stat = await context.storage.info(write.name);
      for (const info of [write.info, opened.info, stat]) {
        assert.equal(info.name, 'folder/a.bin');
        assert.equal(info.sizeBytes, SIZE);
        assert.equal(info.version, stat.version);
        assert.ok(info.lastModified instanceof Date && !Number.isNaN(info.lastModified.getTime()));
      }
    },
  },
  {
    id: 'S5.info-of-part',
    title:
      'tells with a part of an object what it tells of the object: version, type, encoding, metadata and who wrote it',
    async run(context) {
      const { storage } = context;
      const given = {
        ...{ contentType: 'application/x-test', contentDisposition: 'attachment' },
        metadata: { colour: 'red' },
      };
      const { name, writeId } = await storage.create('a.bin', patternBytes(1, SIZE), given);
      const { digest: _, lastModified, ...stat } = await storage.info(name);
      for (const range of [{ endExclusive: 10 }, { start: SIZE - 10 }]) {
        await using opened = await storage.open(name, range);
        // A digest of the whole is not told with a part by every service.
        const { digest: __, lastModified: told, ...info } = opened.info;
        assert.deepEqual(info, stat);
        assert.equal(Math.floor(told.getTime() / 1000), Math.floor(lastModified.getTime() / 1000));
      }
      await storage.settle(name, writeId);
    },
  },
  {
    id: 'S5.if-match',
    title: 'opens only the version that was asked for',
    async run(context) {
      await context.storage.save('a.txt', 'one');
      const { version } = await context.storage.info('a.txt');
      {
        await using opened = await context.storage.open('a.txt', { ifMatch: version });
        assert.equal(await opened.text(), 'one');
      }
      await context.storage.replace('a.txt', 'two');
      await rejectsWith('precondition', context.storage.open('a.txt', { ifMatch: version }));
      await rejectsWith('precondition', context.storage.open('a.txt', { ifMatch: version, start: 1 }));
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
          await using opened = await context.storage.open('a.bin', range);
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
        async ({ storage }) => (await storage.open('a.bin')).stream.cancel(),
        async ({ storage }) => {
          await using opened = await storage.open('a.bin');
          const reader = opened.stream.getReader();
          await reader.read();
        },
        async ({ storage }) => {
          const opened = await storage.open('a.bin');
          const reader = opened.stream.getReader();
          await reader.read();
          await reader.cancel('enough');
        },
        async ({ storage }) => {
          for await (const _ of (await storage.open('a.bin')).stream) break;
        },
        async ({ storage }) => {
          await using opened = await storage.open('a.bin', { start: 10 });
          for await (const _ of opened.stream) break;
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
    id: 'S5.left-while-reading',
    title: 'is left while a chunk is asked for, whether that chunk has arrived or is on its way',
    async run(context) {
      await context.storage.save('a.bin', patternStream(1, context.settings.largeBytes));
      for (let round = 0; round < 10; round++) {
        const opened = await context.storage.open('a.bin');
        const reader = opened.stream.getReader();
        await reader.read();
        if (round % 2 === 0) await sleep(5); // for the next one to arrive
        const asked = reader.read().catch(error => error);
        await context.soon(reader.cancel('enough'), 'leaving a read');
        await context.soon(asked, 'a read that was left');
        await sleep(0);
      }
      await context.nothingLeft();
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
