import assert from 'node:assert/strict';
import {
  type Backend,
  canSignUploads,
  type SignedUpload,
  type SignsUploads,
  type Storage,
} from '@fieldfile/storage';
import { patternBytes } from '../content/pattern.ts';
import { Skip } from '../contract/behaviour.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';

const ORIGIN = 'http://localhost/';
const SOON = { expiresInSeconds: 60 };

/** S9: uploads that somebody else makes. */
export const signedUploads: readonly StorageBehaviour[] = [
  {
    id: 'S9.signed-upload-plain',
    title: 'takes an upload that binds nothing as its headers say, with or without a type of the client',
    async run(context) {
      const signing = signsUploads(context.storage);
      const bytes = patternBytes(1, 1000);
      for (const [name, type] of [
        ['a.png', undefined],
        ['b.png', 'image/png'],
        ['c.png', 'application/x-test'],
      ] as const) {
        const status = await send(context, await signing.signedUpload(name, SOON), bytes, type);
        assert.ok(status >= 200 && status < 300, `${name} with the type ${type} was answered ${status}`);
        sameBytes(await context.read(name), bytes);
      }
    },
  },
  {
    id: 'S9.signed-upload-key',
    title: 'signs no upload whose name the client would choose by the name of its file',
    async run(context) {
      const signing = signsUploads(context.storage);
      // biome-ignore lint/suspicious/noTemplateCurlyInString: what an upload form replaces
      for (const name of ['${filename}', 'a/${filename}', '${filename}/a.txt', 'a${filename}b.txt'])
        for (const limits of [{}, { maxBytes: 1000 }, { exactBytes: 1000 }])
          await rejectsWith(
            'invalid-argument',
            () => signing.signedUpload(name, { ...SOON, ...limits }),
            name,
          );
      await rejectsWith('invalid-argument', () =>
        // biome-ignore lint/suspicious/noTemplateCurlyInString: what an upload form replaces
        signing.signedUpload('a.txt', { ...SOON, contentType: 'text/${filename}', maxBytes: 1000 }),
      );
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a name like any other
      await signing.signedUpload('a$filename{b}${name}.txt', SOON);
    },
  },
];

async function send(
  context: StorageContext,
  { method, url, headers, fields }: SignedUpload,
  bytes: Uint8Array<ArrayBuffer>,
  type: string | undefined,
): Promise<number> {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields ?? {})) form.set(field, value);
  form.set('file', new Blob([bytes]));
  const response = await context.offered('fetch')(
    new Request(new URL(url, ORIGIN), {
      method,
      headers: { ...headers, ...(type === undefined || method === 'POST' ? {} : { 'content-type': type }) },
      body: method === 'POST' ? form : bytes,
    }),
  );
  await response.body?.cancel();
  return response.status;
}

function signsUploads(storage: Storage): Storage<Backend & SignsUploads> {
  if (!canSignUploads(storage)) throw new Skip('signs no uploads');
  return storage;
}
