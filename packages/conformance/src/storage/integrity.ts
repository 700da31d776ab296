import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { patternBytes, patternStream } from '../content/pattern.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

const SIZE = 200_000;
const BYTES = patternBytes(1, SIZE);
const SHA256 = createHash('sha256').update(BYTES).digest('base64');

/** S6: bytes that differ from what was declared are noticed, on the way in and on the way out. */
export const integrity: readonly StorageBehaviour[] = [
  {
    id: 'S6.declared-length',
    title: 'stores nothing when the content has another length than declared',
    async run(context) {
      await context.storage.save('old.bin', 'old');
      for (const sizeBytes of [SIZE - 1, SIZE + 1, 0]) {
        const options = { sizeBytes };
        await rejectsWith('integrity', context.storage.save('a.bin', patternStream(1, SIZE), options));
        await rejectsWith('integrity', context.storage.save('a.bin', BYTES, options));
        await rejectsWith('integrity', context.storage.replace('old.bin', patternStream(1, SIZE), options));
      }
      await context.holds(['old.bin']);
      assert.equal(await context.text('old.bin'), 'old');
    },
  },
  {
    id: 'S6.declared-length-right',
    title: 'stores a stream of the length declared',
    async run(context) {
      await context.storage.save('a.bin', patternStream(1, SIZE), { sizeBytes: SIZE });
      await context.storage.replace('b.bin', patternStream(1, SIZE), { sizeBytes: SIZE });
      sameBytes(await context.read('a.bin'), BYTES);
      sameBytes(await context.read('b.bin'), BYTES);
    },
  },
  {
    id: 'S6.digest',
    title: 'computes the digest that was asked for while bytes stream',
    async run(context) {
      for (const content of [BYTES, patternStream(1, SIZE)]) {
        const { name, writeId, info } = await context.storage.create('a.bin', content, {
          digest: 'sha256',
        });
        await context.storage.settle(name, writeId);
        assert.deepEqual(info.digest, { algorithm: 'sha256', base64: SHA256 });
      }
    },
  },
  {
    id: 'S6.verify',
    title: 'verifies what is read on request',
    async run(context) {
      await context.storage.save('a.bin', BYTES);
      {
        await using opened = await context.storage.open('a.bin', {
          verify: { algorithm: 'sha256', base64: SHA256 },
        });
        sameBytes(await opened.bytes(), BYTES);
      }
      await context.storage.replace('a.bin', patternBytes(2, SIZE));
      await using changed = await context.storage.open('a.bin', {
        verify: { algorithm: 'sha256', base64: SHA256 },
      });
      await rejectsWith('integrity', changed.bytes());
    },
  },
  {
    id: 'S6.kept-digest',
    title: 'verifies against the digest the storage keeps, or says that it keeps none',
    async run(context) {
      await context.storage.save('a.bin', BYTES);
      if ((await context.storage.info('a.bin')).digest) {
        await using opened = await context.storage.open('a.bin', { verify: true });
        sameBytes(await opened.bytes(), BYTES);
      } else await rejectsWith('unsupported', context.storage.open('a.bin', { verify: true }));
    },
  },
];
