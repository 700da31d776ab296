/** An upload that this tab has for itself, and that is found again after a reload. */
export interface KeptUpload {
  /** What is needed to go on, if it was begun before. */
  readonly state: string | undefined;
  keep(state: string): Promise<void>;
  forget(): Promise<void>;
  /** Lets another tab, or this one after a reload, go on with it. */
  release(): void;
}

interface Entry {
  readonly id: string;
  readonly fingerprint: string;
  readonly state: string;
  readonly savedAt: number;
}

const KEPT_MS = 7 * 24 * 3600 * 1000;

/**
 * Takes up an upload of this file that nobody goes on with, or begins one. A lock of the browser says who has it: it ends with
 * the tab. So two tabs that upload one file make two uploads.
 *
 * @returns undefined where the browser keeps nothing: on pages without HTTPS, or where the user does not want it.
 */
export async function keptUpload(fingerprint: string): Promise<KeptUpload | undefined> {
  try {
    for (const { id, state } of await entriesOf(fingerprint)) {
      const release = await lock(id);
      if (release) return kept(id, fingerprint, state, release);
    }
    const id = crypto.randomUUID();
    return kept(id, fingerprint, undefined, (await lock(id)) ?? (() => {}));
  } catch {
    return undefined; // what is not there, or may not be used, throws
  }
}

function kept(id: string, fingerprint: string, state: string | undefined, release: () => void): KeptUpload {
  return {
    state,
    // What cannot be kept is not found again; it is uploaded all the same.
    keep: async newest => {
      await change(store => store.put({ id, fingerprint, state: newest, savedAt: Date.now() })).catch(
        () => {},
      );
    },
    forget: async () => {
      await change(store => store.delete(id)).catch(() => {});
    },
    release,
  };
}

/** @returns what ends it; undefined where somebody has it. */
function lock(id: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(`fieldfile-upload ${id}`, { ifAvailable: true }, held => {
        if (!held) return resolve(undefined);
        return new Promise<void>(release => resolve(release));
      })
      .catch(reject);
  });
}

/** The newest first. Those that are old are forgotten. */
async function entriesOf(fingerprint: string): Promise<readonly Entry[]> {
  const all: Entry[] = await change(store => store.getAll());
  const since = Date.now() - KEPT_MS;
  for (const { id, savedAt } of all) if (savedAt < since) await change(store => store.delete(id));
  return all
    .filter(entry => entry.fingerprint === fingerprint && entry.savedAt >= since)
    .sort((one, other) => other.savedAt - one.savedAt);
}

async function change<Result>(work: (store: IDBObjectStore) => IDBRequest<Result>): Promise<Result> {
  const opening = indexedDB.open('fieldfile-uploads', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('uploads', { keyPath: 'id' });
  const database = await result(opening);
  try {
    return await result(work(database.transaction('uploads', 'readwrite').objectStore('uploads')));
  } finally {
    database.close();
  }
}

function result<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
