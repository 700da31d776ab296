import { canSignUrls, type Storage } from '@fieldfile/storage';
import { type Content, drain } from './content.ts';

/** What the clients of a service are asked to do, each once a call. */
export interface Jobs {
  /** Stores a stream whose length is told. */
  upload(key: string, content: Content): Promise<unknown>;
  /** Stores a stream whose length is not told. */
  uploadUnknown(key: string, content: Content): Promise<unknown>;
  /** Stores what is in memory. */
  put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<unknown>;
  /** Reads a stream to its end. @returns its length, in bytes. */
  download(key: string): Promise<number>;
  /** Reads into memory. */
  get(key: string): Promise<Uint8Array>;
  /** Lists the first so many keys. @returns how many there were. */
  first(count: number): Promise<number>;
  /** Begins to list all keys, and leaves after so many. @returns how many it had then. */
  leave(count: number): Promise<number>;
  /** Lists all keys. @returns how many there were. */
  list(): Promise<number>;
  /** Signs a download. @returns its URL. */
  sign(key: string): Promise<string>;
  /** @returns the size, in bytes. */
  stat(key: string): Promise<number>;
}

/** For how long downloads are signed. */
export const SIGNED_SECONDS = 3600;

export type Job = keyof Jobs;

/** Makes a client of the service that `folder` describes. */
export type Connect<Client> = (folder: string) => Promise<Client>;

/** A library: what it can be asked for, and how to open it. */
export interface Library {
  readonly jobs: readonly Job[];
  readonly open: Connect<Partial<Jobs>>;
}

/** Every plausible call of the SDK, by job. */
export type BareCalls = { readonly [J in Job]: Readonly<Record<string, Connect<Jobs[J]>>> };

export interface Provider {
  readonly name: string;
  /** Starts its server in a process of its own, with nothing stored, and describes it in `folder`. */
  readonly start: (folder: string) => Promise<AsyncDisposable>;
  /** The server keeps the bytes of what was removed as long as it runs. */
  readonly keepsRemoved: boolean;
  readonly bare: BareCalls;
  readonly open: Connect<Storage>;
  readonly rivals: Readonly<Record<string, Library>>;
  /** Most that parts on their way may take, in MiB. */
  readonly partsMiB: number;
}

/** FieldFile, whatever the provider. */
export const fieldFile = (open: Connect<Storage>): Library => ({
  jobs: ['upload', 'uploadUnknown', 'put', 'download', 'get', 'first', 'leave', 'list', 'sign', 'stat'],
  async open(folder): Promise<Jobs> {
    const storage = await open(folder);
    return {
      upload: (key, content) => storage.save(key, content.node(), { sizeBytes: content.sizeBytes }),
      uploadUnknown: (key, content) => storage.save(key, content.node()),
      put: (key, bytes) => storage.save(key, bytes),
      async download(key) {
        await using opened = await storage.open(key);
        return await drain(opened.stream);
      },
      async get(key) {
        await using opened = await storage.open(key);
        return await opened.bytes();
      },
      async first(count) {
        let listed = 0;
        for await (const _ of storage.list('', { pageSize: count })) if (++listed === count) break;
        return listed;
      },
      async leave(count) {
        let listed = 0;
        for await (const _ of storage.list()) if (++listed === count) break;
        return listed;
      },
      async list() {
        let listed = 0;
        for await (const _ of storage.list()) listed++;
        return listed;
      },
      async sign(key) {
        if (!canSignUrls(storage)) throw new Error('It cannot sign.');
        return storage.signedUrl(key, { expiresInSeconds: SIGNED_SECONDS });
      },
      stat: async key => (await storage.info(key)).sizeBytes,
    };
  },
});
