import assert from 'node:assert/strict';
import { canSignUrls, isFieldFileError, type SignedUpload, type Storage } from '@fieldfile/storage';
import { patternBytes } from '../content/pattern.ts';
import { Skip } from '../contract/behaviour.ts';
import { sameBytes } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';
import type { ObjectHeaders } from './options.ts';
import { ORIGIN, sendUpload, signsUploads } from './send-upload.ts';

const SOON = { expiresInSeconds: 60 };
const BYTES = patternBytes(1, 1000);
const LIMITS = [{}, { exactBytes: 1000 }, { maxBytes: 1000 }];

const HEADERS: readonly (readonly [option: keyof ObjectHeaders, header: string, text: string])[] = [
  ['cacheControl', 'cache-control', 'public, max-age=77'],
  ['contentLanguage', 'content-language', 'de'],
  ['contentDisposition', 'content-disposition', 'inline; filename="given.txt"'],
];

/** S9: what a storage gives every object, those get too that somebody else uploads. */
export const uploadHeaders: readonly StorageBehaviour[] = [
  ...HEADERS.map(
    ([option, header, text]): StorageBehaviour => ({
      id: `S9.signed-upload-${header}`,
      title: `gives what is uploaded what it gives what is saved, or refuses to sign (${header})`,
      async run(context) {
        context.needs('create');
        const storage = await context.offered('giving')({ [option]: text });
        const saved = await storage.save('saved.txt', BYTES);
        assert.equal(await served(context, storage, saved, header), text, 'a save does not get it');
        let uploads = 0;
        for (const [index, limits] of LIMITS.entries()) {
          const name = `uploaded-${index}.txt`;
          const upload = await signedOrRefused(storage, name, limits);
          if (upload === undefined) continue;
          if (upload.method === 'POST' && context.settings.lacks['form-headers'] !== undefined) continue;
          uploads++;
          const status = await sendUpload(context, upload, BYTES);
          assert.ok(status >= 200 && status < 300, `${JSON.stringify(limits)} was answered ${status}`);
          sameBytes(await context.read(name), BYTES);
          assert.equal(await served(context, storage, name, header), text, JSON.stringify(limits));
        }
        assert.ok(uploads > 0, 'no upload was signed');
      },
    }),
  ),
  {
    id: 'S9.signed-upload-own-headers',
    title: 'gives what is uploaded what was asked for this upload before what every object gets',
    async run(context) {
      const storage = await context.offered('giving')({ cacheControl: 'max-age=77' });
      const options = { ...SOON, cacheControl: 'no-cache', contentLanguage: 'fr', download: 'one.txt' };
      const upload = await signsUploads(storage).signedUpload('own.txt', options);
      const status = await sendUpload(context, upload, BYTES);
      assert.ok(status >= 200 && status < 300, `answered ${status}`);
      assert.equal(await served(context, storage, 'own.txt', 'cache-control'), 'no-cache');
      assert.equal(await served(context, storage, 'own.txt', 'content-language'), 'fr');
      assert.match(
        (await served(context, storage, 'own.txt', 'content-disposition')) ?? '',
        /^attachment; filename="?one\.txt/,
      );
    },
  },
];

/** The upload, or undefined where the service has no way to do it and says so. */
async function signedOrRefused(
  storage: Storage,
  name: string,
  limits: object,
): Promise<SignedUpload | undefined> {
  try {
    return await signsUploads(storage).signedUpload(name, { ...SOON, ...limits });
  } catch (error) {
    if (isFieldFileError(error, 'unsupported')) return undefined;
    throw error;
  }
}

/** A header as whoever reads the object gets it. */
async function served(
  context: StorageContext,
  storage: Storage,
  name: string,
  header: string,
): Promise<string | null> {
  if (!canSignUrls(storage)) throw new Skip('signs no URLs');
  const url = new URL(await storage.signedUrl(name, SOON), ORIGIN);
  const response = await context.offered('fetch')(new Request(url));
  await response.body?.cancel();
  assert.equal(response.status, 200);
  return response.headers.get(header);
}
