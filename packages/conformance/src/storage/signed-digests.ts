import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { canSignUploads } from '@fieldfile/storage';
import { patternBytes } from '../content/pattern.ts';
import { Skip } from '../contract/behaviour.ts';
import { sameBytes } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

const ORIGIN = 'http://localhost/';

/** S9: uploads that somebody else makes, of bytes that are known beforehand. */
export const signedDigests: readonly StorageBehaviour[] = [
  {
    id: 'S9.signed-upload-digest',
    title: 'takes the bytes of the digest that an upload says it binds, and no others',
    async run(context) {
      const { storage } = context;
      if (!canSignUploads(storage)) throw new Skip('signs no uploads');
      const bytes = patternBytes(1, 1000);
      const digest = {
        algorithm: 'sha256',
        base64: createHash('sha256').update(bytes).digest('base64'),
      } as const;
      const upload = await storage.signedUpload('bound.bin', { expiresInSeconds: 60, digest });
      if (!upload.enforced.has('digest')) throw new Skip('binds no digest');
      const send = async (body: Uint8Array<ArrayBuffer>): Promise<number> => {
        const { method, url, headers } = upload;
        const request = new Request(new URL(url, ORIGIN), { method, headers, body });
        const response = await context.offered('fetch')(request);
        await response.body?.cancel();
        return response.status;
      };
      const refused = await send(patternBytes(2, 1000));
      assert.ok(refused >= 400 && refused < 500, `other bytes were answered ${refused}`);
      assert.equal(await storage.exists('bound.bin'), false);
      const taken = await send(bytes);
      assert.ok(taken >= 200 && taken < 300, `the bytes were answered ${taken}`);
      sameBytes(await context.read('bound.bin'), bytes);
    },
  },
];
