import type { CallOptions, Storage } from '@fieldfile/storage';

/** The storage's clock, in milliseconds since 1970: the time it gives an object that is made for the purpose and undone. */
export async function storageNow(storage: Storage, call: CallOptions): Promise<number> {
  const probe = await storage.create('fieldfile-clock', '', call);
  const { lastModified } = probe.info;
  await storage.undo(probe.name, probe.writeId);
  return lastModified.getTime();
}
