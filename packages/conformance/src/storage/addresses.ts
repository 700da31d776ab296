import assert from 'node:assert/strict';
import { canPublishUrls, canSignUrls } from '@fieldfile/storage';
import { Skip } from '../contract/behaviour.ts';
import type { StorageBehaviour } from './context.ts';

const ORIGIN = 'http://localhost/';

/** S9: one object has one address. */
export const addresses: readonly StorageBehaviour[] = [
  {
    id: 'S9.same-address',
    title: 'gives public and signed URLs that lead to the same place',
    async run({ storage }) {
      if (!canPublishUrls(storage) || !canSignUrls(storage)) throw new Skip('has no URLs of both kinds');
      for (const name of ['a.txt', 'folder/größe 100% a+b#c?d&e.txt']) {
        await storage.save(name, 'one');
        const signed = new URL(await storage.signedUrl(name, { expiresInSeconds: 60 }), ORIGIN);
        const open = new URL(storage.publicUrl(name), ORIGIN);
        assert.equal(placeOf(open), placeOf(signed));
      }
    },
  },
];

const placeOf = ({ origin, pathname }: URL): string => origin + decodeURIComponent(pathname);
