import type { Storage } from '@fieldfile/core';

/** How one storage of the demo is to be had. Making a plan checks the options and does no I/O. */
export interface Plan {
  /** What keeps the objects, in a word or two. */
  readonly place: string;
  open(): Promise<OpenedStorage>;
}

export interface OpenedStorage {
  readonly storage: Storage;
  /** Ends what was started for it. A real storage keeps its objects, a test server takes them with it. */
  close(): Promise<void>;
}

/** The plan of a storage that needs nothing but itself. */
export function existingStorage(place: string, storage: Storage): Plan {
  return { place, open: async () => ({ storage, close: () => storage[Symbol.asyncDispose]() }) };
}

/**
 * A storage on a server that was started for it: closed one after the other, and the server also where the storage
 * could not be made.
 */
export async function onServer(
  server: AsyncDisposable,
  connect: () => Storage | Promise<Storage>,
): Promise<OpenedStorage> {
  try {
    const storage = await connect();
    return {
      storage,
      async close() {
        try {
          await storage[Symbol.asyncDispose]();
        } finally {
          await server[Symbol.asyncDispose]();
        }
      },
    };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}
