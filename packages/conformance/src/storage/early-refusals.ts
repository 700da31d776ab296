import assert from 'node:assert/strict';
import type { Storage } from '@fieldfile/storage';
import { patternBytes, patternStream } from '../content/pattern.ts';
import { sameBytes } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

type Write = (storage: Storage, content: AsyncIterable<Uint8Array>, sizeBytes: number) => Promise<unknown>;

const WRITES: Readonly<Record<string, Write>> = {
  save: (storage, content, sizeBytes) => storage.save('a.bin', content, { sizeBytes }),
  replace: (storage, content, sizeBytes) => storage.replace('a.bin', content, { sizeBytes }),
};

/** S11: a one-shot stream whose length is known may go in one request; what was read of it before that went wrong is kept. */
export const earlyRefusals: readonly StorageBehaviour[] = Object.entries(WRITES).flatMap(([write, act]) =>
  (['early', 'lost'] as const).map(
    (how): StorageBehaviour => ({
      id: `S11.hiccup-${write}-known-${how}`,
      title: `stores a one-shot stream of known length once, whichever of its requests goes wrong (${write}, ${how})`,
      async run(context) {
        context.needs('create');
        const faltering = context.offered('faltering');
        const { largeBytes } = context.settings;
        for (let nth = 1; ; nth++) {
          const { storage, hasFaltered } = await faltering(nth, how);
          await context.storage.delete('a.bin');
          if (write === 'replace') await context.storage.save('a.bin', 'old');
          await act(storage, paced(patternStream(nth, largeBytes)), largeBytes);
          sameBytes(await context.read('a.bin'), patternBytes(nth, largeBytes));
          await context.holds(['a.bin']);
          if (!hasFaltered()) break;
          assert.ok(nth < 100, 'a write takes more than a hundred requests');
        }
      },
    }),
  ),
);

/** Chunk by chunk, so that an answer is seen before all of it is on its way. */
async function* paced(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk;
    await new Promise(setImmediate);
  }
}
