import assert from 'node:assert/strict';
import type { UploadProgress } from '@fieldfile/storage';
import { patternBytes, patternStream } from '../content/pattern.ts';
import { sameBytes } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

/** S4: uploads tell how far they are. */
export const progress: readonly StorageBehaviour[] = [
  {
    id: 'S4.progress',
    title: 'reports growing progress that ends at the size, with the total where it is known',
    async run(context) {
      const { largeBytes } = context.settings;
      const uploads = [
        { content: patternBytes(1, largeBytes), totalBytes: largeBytes },
        { content: patternStream(1, largeBytes), totalBytes: undefined },
        { content: patternBytes(1, 100), totalBytes: 100 },
      ];
      for (const { content, totalBytes } of uploads) {
        for (const method of ['save', 'replace'] as const) {
          if (method === 'replace' && totalBytes === undefined) continue; // the stream is gone
          const reports: UploadProgress[] = [];
          await context.storage[method]('a.bin', content, {
            onProgress: report => void reports.push(report),
          });
          for (const [index, report] of reports.entries()) {
            assert.ok(report.sentBytes >= (reports[index - 1]?.sentBytes ?? 0), 'progress went back');
            assert.equal(report.totalBytes, totalBytes);
          }
          assert.equal(
            reports.at(-1)?.sentBytes,
            totalBytes ?? largeBytes,
            'the last report is not the size',
          );
        }
      }
    },
  },
  {
    id: 'S4.progress-throwing',
    title: 'stores the content whole, or nothing, when onProgress throws',
    async run(context) {
      const bytes = patternBytes(1, 200_000);
      const onProgress = (): void => {
        throw new Error('a broken progress bar');
      };
      const name = await context.storage.save('a.bin', bytes, { onProgress }).catch(() => undefined);
      await context.holds(name === undefined ? [] : [name]);
      if (name !== undefined) sameBytes(await context.read(name), bytes);
    },
  },
];
