import type { Backend, CallOptions, ObjectInfo, WriteId } from './backend.ts';
import { infoIfThere } from './info-if-there.ts';
import type { Storage } from './storage.ts';

/** The object of that name, if that write made it. */
export async function findWrite(
  storage: Storage,
  name: string,
  writeId: WriteId,
  options: CallOptions,
): Promise<ObjectInfo | undefined> {
  const { backend }: { readonly backend: Backend } = storage;
  const found = await infoIfThere(storage, name, options);
  if (!found || found.writeId === writeId) return found;
  if (!backend.findWrite) return undefined;
  return backend.findWrite(found.name, writeId, options);
}
