import assert from 'node:assert/strict';
import { canSignUrls } from '@fieldfile/storage';
import { Skip } from '../contract/behaviour.ts';
import { rejectsWith } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

const SOON = { expiresInSeconds: 60 };
const ENCODED = "filename*=UTF-8''gr%C3%B6%C3%9Fe.txt";

/** S9: whether what is read at a signed URL is shown or saved, and under which name. */
export const dispositions: readonly StorageBehaviour[] = [
  {
    id: 'S9.disposition',
    title: 'serves an object to be shown or saved, with or without a file name, as its URL was signed',
    async run(context) {
      const { storage } = context;
      if (!canSignUrls(storage)) throw new Skip('signs no URLs');
      const fetch = context.offered('fetch');
      await storage.save('a.txt', 'one');
      const cases = [
        [{ disposition: 'inline' }, 'inline'],
        [{ disposition: 'attachment' }, 'attachment'],
        [{ download: 'b.txt' }, 'attachment; filename="b.txt"'],
        [{ disposition: 'attachment', download: 'b.txt' }, 'attachment; filename="b.txt"'],
        [{ disposition: 'inline', download: 'b.txt' }, 'inline; filename="b.txt"'],
        [{ disposition: 'inline', download: 'größe.txt' }, `inline; filename="gr__e.txt"; ${ENCODED}`],
      ] as const;
      for (const [options, header] of cases)
        for (const url of [
          await storage.signedUrl('a.txt', { ...SOON, ...options }),
          await storage.url('a.txt', options),
        ]) {
          const served = await fetch(new Request(new URL(url, 'http://localhost/')));
          assert.equal(await served.text(), 'one');
          assert.equal(served.headers.get('content-disposition'), header);
        }
    },
  },
  {
    id: 'S9.disposition-refused',
    title: 'refuses a disposition that there is not',
    async run({ storage }) {
      if (!canSignUrls(storage)) throw new Skip('signs no URLs');
      for (const disposition of ['', 'inline; filename=a', 'INLINE', 'form-data'] as never[]) {
        await rejectsWith('invalid-argument', () => storage.signedUrl('a.txt', { ...SOON, disposition }));
        await rejectsWith('invalid-argument', () => storage.url('a.txt', { disposition }));
      }
    },
  },
];
