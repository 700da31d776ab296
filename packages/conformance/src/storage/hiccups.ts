import assert from 'node:assert/strict';
import type { Storage } from '@fieldfile/storage';
import { patternBytes, patternStream } from '../content/pattern.ts';
import { sameBytes } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';

const SIZES: Readonly<Record<string, (context: StorageContext) => number>> = {
  small: () => 1000,
  large: ({ settings }) => settings.largeBytes,
};

const WRITES: Readonly<
  Record<string, (storage: Storage, content: AsyncIterable<Uint8Array>) => Promise<unknown>>
> = {
  save: (storage, content) => storage.save('a.bin', content),
  replace: (storage, content) => storage.replace('a.bin', content),
};

/** S11: one request that goes wrong loses nothing, so the write goes on. */
export const hiccups: readonly StorageBehaviour[] = Object.entries(WRITES).flatMap(([write, act]) =>
  Object.entries(SIZES).flatMap(([size, bytesOf]) =>
    (['busy', 'lost'] as const).map(
      (how): StorageBehaviour => ({
        id: `S11.hiccup-${write}-${size}-${how}`,
        title: `stores a one-shot stream once, whichever of its requests goes wrong (${write}, ${size}, ${how})`,
        async run(context) {
          context.needs('create');
          const faltering = context.offered('faltering');
          const sizeBytes = bytesOf(context);
          for (let nth = 1; ; nth++) {
            const { storage, hasFaltered } = await faltering(nth, how);
            await context.storage.delete('a.bin');
            if (write === 'replace') await context.storage.save('a.bin', 'old');
            await act(storage, patternStream(nth, sizeBytes));
            sameBytes(await context.read('a.bin'), patternBytes(nth, sizeBytes));
            await context.holds(['a.bin']);
            if (!hasFaltered()) break;
            assert.ok(nth < 100, 'a write takes more than a hundred requests');
          }
        },
      }),
    ),
  ),
);
