import assert from 'node:assert/strict';
import { canSignUrls } from '@fieldfile/storage';
import { Skip } from '../contract/behaviour.ts';
import { rejectsWith } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

const SOON = { expiresInSeconds: 60 };
const ENCODED = "filename*=UTF-8''gr%C3%B6%C3%9Fe.txt";

/** S9: whether what is read at a signed URL is shown or saved, under which name, and with which headers. */
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
    id: 'S9.response-headers',
    title: 'serves an object with the headers that its URL was signed for, or refuses to sign for them',
    async run(context) {
      const { storage } = context;
      if (!canSignUrls(storage)) throw new Skip('signs no URLs');
      const fetch = context.offered('fetch');
      await storage.save('a.txt', 'one');
      const cases = [
        [{ cacheControl: 'private, max-age=5' }, 'cache-control', 'private, max-age=5'],
        [{ contentLanguage: 'de' }, 'content-language', 'de'],
        [{ contentEncoding: 'identity' }, 'content-encoding', 'identity'],
      ] as const;
      for (const [options, header, value] of cases) {
        const signed = { ...SOON, ...options };
        const url = await storage.signedUrl('a.txt', signed).catch(async error => {
          await rejectsWith('unsupported', Promise.reject(error));
          await rejectsWith('unsupported', storage.url('a.txt', options));
        });
        for (const address of url ? [url, await storage.url('a.txt', options)] : []) {
          const served = await fetch(new Request(new URL(address, 'http://localhost/')));
          assert.equal(await served.text(), 'one');
          assert.equal(served.headers.get(header), value);
        }
      }
    },
  },
  {
    id: 'S9.disposition-refused',
    title: 'refuses a disposition that there is not, and what no header can be',
    async run({ storage }) {
      if (!canSignUrls(storage)) throw new Skip('signs no URLs');
      for (const disposition of ['', 'inline; filename=a', 'INLINE', 'form-data'] as never[]) {
        await rejectsWith('invalid-argument', () => storage.signedUrl('a.txt', { ...SOON, disposition }));
        await rejectsWith('invalid-argument', () => storage.url('a.txt', { disposition }));
      }
      for (const header of ['download', 'contentType', 'cacheControl', 'contentLanguage', 'contentEncoding'])
        await rejectsWith('invalid-argument', () =>
          storage.signedUrl('a.txt', { ...SOON, [header]: 'a\r\nb: c' }),
        );
    },
  },
];
