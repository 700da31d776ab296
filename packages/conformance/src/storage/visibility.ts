import assert from 'node:assert/strict';
import { canPublishUrls, type SaveObjectOptions, type Storage } from '@fieldfile/storage';
import { patternBytes, patternStream } from '../content/pattern.ts';
import { Skip } from '../contract/behaviour.ts';
import { rejectsWith } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';

/** S6: who may read an object, where the service keeps that of each. */
export const visibility: readonly StorageBehaviour[] = [
  {
    id: 'S6.visibility',
    title: 'makes one object public and another private, however it is written, or refuses before it stores',
    async run(context) {
      const { storage, settings } = context;
      if (!context.backend.keepsVisibility) {
        for (const visible of ['public', 'private'] as const) {
          await rejectsWith('unsupported', storage.save('a.txt', 'one', { visibility: visible }));
          await rejectsWith('unsupported', storage.replace('a.txt', 'one', { visibility: visible }));
        }
        return context.holds([]);
      }
      await requireAcls(context);
      for (const visible of ['public', 'private'] as const) {
        const options: SaveObjectOptions = { visibility: visible };
        const large = patternStream(1, settings.largeBytes);
        const names = [
          await storage.save('a.txt', 'one', options),
          await storage.save('b.bin', large, options),
          await storage.copy('a.txt', 'c.txt', options),
          (await storage.replace('d.txt', patternBytes(2, 1000), options)).name,
        ];
        for (const name of names) {
          assert.equal(await isPublic(context, name), visible === 'public', `${name} should be ${visible}`);
          await storage.delete(name);
        }
      }
    },
  },
  {
    id: 'S6.visibility-refused',
    title: 'refuses a visibility that there is not',
    async run({ storage }) {
      for (const visible of ['', 'public-read', 'PUBLIC', true] as never[])
        await rejectsWith('invalid-argument', storage.save('a.txt', 'one', { visibility: visible }));
    },
  },
];

/** @throws Skip where the bucket takes none, once that stored nothing. */
async function requireAcls(context: StorageContext): Promise<void> {
  const { storage } = context;
  try {
    await storage.delete(await storage.save('a.txt', 'one', { visibility: 'public' }));
  } catch (error) {
    await rejectsWith('invalid-argument', Promise.reject(error));
    await context.holds([]);
    throw new Skip('the bucket takes no ACLs');
  }
}

/** Whether whoever has no credentials reads the object at its address. */
async function isPublic(context: StorageContext, name: string): Promise<boolean> {
  const storage: Storage = context.storage;
  if (!canPublishUrls(storage)) throw new Skip('publishes no URLs');
  const fetch = context.offered('fetch');
  const response = await fetch(new Request(new URL(storage.publicUrl(name), 'http://localhost/')));
  await response.body?.cancel();
  assert.ok([200, 401, 403].includes(response.status), `its address was answered ${response.status}`);
  return response.status === 200;
}
