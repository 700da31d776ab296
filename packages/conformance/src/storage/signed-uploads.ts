import assert from 'node:assert/strict';
import { patternBytes } from '../content/pattern.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';
import { sendUpload, signsUploads } from './send-upload.ts';

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
        const status = await sendUpload(context, await signing.signedUpload(name, SOON), bytes, type);
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
