import type { InspectOptions, inspect } from 'node:util';
import {
  type Backend,
  type CallOptions,
  FieldFileError,
  type HasLocalPath,
  type ObjectInfo,
  type ObjectVersion,
  type PublishesUrls,
  type SignedUpload,
  type SignedUploadOptions,
  type SignsUploads,
  type SignsUrls,
  type Source,
  type UrlKind,
  type UrlOptions,
  type WriteId,
} from '@fieldfile/storage';
import {
  type BackendLimits,
  type BoundByOwnKey,
  type Candidates,
  type ListOptions,
  type ListPage,
  type ObjectName,
  OwnUrls,
  type Place,
  type ReadOptions,
  type ReadResult,
  type ReplaceOptions,
  type SignedRequest,
  throwIfAborted,
  type UndoOptions,
  type UndoResult,
  type UrlMethod,
  type WriteOptions,
  type WritesParts,
} from '@fieldfile/storage/backend';
import { safeJoin } from '@fieldfile/storage/names';
import type { Disk } from './directory.ts';
import { isDiskError, VERSION_CHANGED } from './disk-error.ts';
import { toFieldFileError } from './errors.ts';
import { heldFor } from './held-name.ts';
import { isHeld } from './is-held.ts';
import { Leftovers } from './leftovers.ts';
import { listObjects } from './list.ts';
import { nodeDisk } from './node-disk.ts';
import { objectInfo } from './object-info.ts';
import { checkOptions, type FileSystemStorageOptions } from './options.ts';
import { DiskParts } from './parts.ts';
import type { UploadContext } from './pending-object.ts';
import { openObject } from './read.ts';
import { realPath, segmentsOf } from './real-path.ts';
import { findWritten, settle, undo } from './receipts.ts';
import { removeObject } from './remove.ts';
import { Root, splitName } from './root.ts';
import { INTERNAL } from './root-marker.ts';
import { isPortable, isUsable } from './segments.ts';
import { copyObject, createObject, replaceObject } from './upload.ts';
import { WriteLock } from './write-lock.ts';

/** What a signed upload to local disk binds: `@fieldfile/http`, which serves it, checks all of it. */
export type BoundOnDisk = BoundByOwnKey;

const MODE = 0o644;

/** A walk through folders is no deeper than this, and what removes or copies a tree by path can still do so. */
const MAX_SEGMENTS = 128;

/** A {@link Backend} over a folder of this machine. */
export class FileSystemBackend
  implements Backend, PublishesUrls, SignsUrls, SignsUploads<BoundOnDisk>, HasLocalPath, WritesParts
{
  readonly id: string;
  readonly formerIds: readonly string[];
  readonly place: Place;
  readonly limits: BackendLimits;
  readonly listOrder = 'utf-8';
  readonly cannot: readonly UrlMethod[];
  readonly urls: UrlKind | undefined;
  readonly parts: DiskParts;
  readonly #options: FileSystemStorageOptions;
  readonly #urls: OwnUrls;
  /** The folder itself, whatever links lead to it. */
  readonly #realRoot: string;
  readonly #root: Root;
  readonly #lock: WriteLock;
  readonly #upload: UploadContext;
  readonly #leftovers: Leftovers;

  /** `disk` is for tests. */
  constructor(options: FileSystemStorageOptions, disk: Disk = nodeDisk) {
    const { signingKey: _, ...shown } = checkOptions(options);
    this.#options = shown;
    this.urls = shown.urls;
    const {
      root,
      filePermissionsMode = MODE,
      directoryPermissionsMode: directoryMode,
      durability = 'full',
      createRoot = true,
    } = shown;
    this.#realRoot = realPath(root);
    const derived = `fs:${this.#realRoot}`;
    this.id = options.id ?? derived;
    this.formerIds = options.id === undefined && root !== this.#realRoot ? [`fs:${root}`] : [];
    const formerIds = [...this.formerIds, ...(options.formerIds ?? [])];
    this.#urls = new OwnUrls(options, { what: 'FileSystemStorage', storage: this.id, formerIds });
    this.cannot = this.#urls.cannot;
    this.place = { id: this.id, space: 'fs:', path: segmentsOf(this.#realRoot).join('/') };
    this.limits = {
      maxNameBytes: Math.max(1024, 4095 - Buffer.byteLength(root) - 1),
      maxSegmentBytes: 255,
      maxSegments: MAX_SEGMENTS,
      maxObjectBytes: Number.MAX_SAFE_INTEGER,
      maxStreamBytes: Number.MAX_SAFE_INTEGER,
      refusesBackslash: process.platform === 'win32',
      reservedSegments: [INTERNAL],
    };
    this.#root = new Root({
      path: root,
      realPath: this.#realRoot,
      disk,
      durability,
      directoryMode,
      createRoot,
    });
    this.#lock = new WriteLock(this.#root);
    this.#leftovers = new Leftovers((name, writeId) => settle(this.#root, name, writeId));
    this.#upload = {
      root: this.#root,
      disk,
      lock: this.#lock,
      fileMode: filePermissionsMode,
      leftovers: this.#leftovers,
    };
    this.parts = new DiskParts(this.#upload, {
      run: (operation, name, act) => this.#run(operation, name, act),
      candidates: (operation, names) => this.#checkCandidates(operation, names),
      writeId: (operation, writeId) => this.#checkWriteId(operation, writeId),
    });
  }

  /** @throws `invalid-argument` when a link has come or gone since the storage was constructed. */
  async locate(): Promise<Place> {
    const found = realPath(this.#root.path);
    if (found === this.#realRoot) return this.place;
    throw new FieldFileError(
      'invalid-argument',
      `The root ${JSON.stringify(this.#root.path)} was ${JSON.stringify(this.#realRoot)} when the storage was constructed, and is ${JSON.stringify(found)} now: construct it anew.`,
      { operation: 'construct', storage: this.id },
    );
  }

  create(source: Source, names: Candidates, options: WriteOptions): Promise<ObjectInfo> {
    return this.#run('create', names.first, () => {
      this.#checkWriteId('create', options.writeId);
      return createObject(this.#upload, source, this.#checkCandidates('create', names), options);
    });
  }

  copy(
    from: ObjectName,
    names: Candidates,
    options: WriteOptions & { readonly ifMatch?: ObjectVersion },
  ): Promise<ObjectInfo> {
    return this.#run('copy', from, () => {
      this.#checkWriteId('copy', options.writeId);
      return copyObject(this.#upload, from, this.#checkCandidates('copy', names), options);
    });
  }

  replace(name: ObjectName, source: Source, options: ReplaceOptions): Promise<ObjectInfo> {
    return this.#run('replace', name, () => {
      this.#checkWriteId('replace', options.writeId);
      this.#checkNewKey('replace', name);
      return replaceObject(this.#upload, name, source, options);
    });
  }

  undo(name: ObjectName, writeId: WriteId, options: UndoOptions = {}): Promise<UndoResult> {
    return this.#run('undo', name, async () => {
      throwIfAborted(options.signal, 'undo');
      this.#checkWriteId('undo', writeId);
      this.parts.forget(writeId);
      const result = await undo(this.#root, this.#lock, name, writeId, options);
      if (result === 'absent') await this.#root.check();
      if (result === 'removed') await this.#tidy(name);
      return result;
    });
  }

  findWrite(name: ObjectName, writeId: WriteId, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    return this.#run('findWrite', name, async () => {
      throwIfAborted(options.signal, 'findWrite');
      this.#checkWriteId('findWrite', writeId);
      const stats = await findWritten(this.#root, name, writeId);
      if (!stats) await this.#root.check();
      return stats && objectInfo(name, stats);
    });
  }

  settle(name: ObjectName, writeId: WriteId, options: CallOptions = {}): Promise<void> {
    return this.#run('settle', name, async () => {
      throwIfAborted(options.signal, 'settle');
      this.#checkWriteId('settle', writeId);
      await this.#leftovers.remove(name, writeId);
    });
  }

  read(name: ObjectName, options: ReadOptions = {}): Promise<ReadResult> {
    return this.#run('read', name, () =>
      openObject(this.#root, name, options, error => this.#translate(error, 'read', name)),
    );
  }

  info(name: ObjectName, options: CallOptions = {}): Promise<ObjectInfo | undefined> {
    return this.#run('info', name, async () => {
      throwIfAborted(options.signal, 'info');
      const { folders, last } = splitName(name);
      const folder = await this.#root.folderIfAny(folders);
      try {
        const stats = await folder?.stat(last);
        if (folder && stats?.isFile()) {
          const writeId = await heldFor(folder, last, stats.size);
          if (writeId === undefined || !(await isHeld(this.#root, name, writeId, stats)))
            return objectInfo(name, stats);
        }
      } catch (error) {
        if (!isDiskError(error, 'ENOENT', 'ENOTDIR')) throw error;
      } finally {
        folder?.close();
      }
      await this.#root.check();
      return undefined;
    });
  }

  /** Removes an object, or an empty folder. Folders that it leaves empty stay, unless `removeEmptyFolders` is set. */
  remove(
    name: ObjectName,
    options: CallOptions & { readonly ifMatch?: ObjectVersion } = {},
  ): Promise<boolean> {
    return this.#run('remove', name, async () => {
      const removed = await removeObject(this.#root, this.#lock, name, options);
      if (removed) await this.#tidy(name);
      else await this.#root.check();
      return removed;
    });
  }

  async *list(options: ListOptions): AsyncGenerator<ListPage, void, undefined> {
    try {
      throwIfAborted(options.signal, 'list');
      await this.#root.check();
      yield* listObjects(this.#root, options, MAX_SEGMENTS);
    } catch (error) {
      throw this.#translate(error, 'list', undefined);
    }
  }

  /** @throws `unsupported` without `baseUrl`. */
  publicUrl(name: ObjectName): string {
    return this.#urls.publicUrl(this.#checkKey('publicUrl', name));
  }

  /** @throws `unsupported` without `baseUrl` and `signingKey`. */
  async signUrl(name: ObjectName, options: UrlOptions): Promise<string> {
    return this.#urls.signUrl(this.#checkKey('signUrl', name), options);
  }

  /** A `PUT` that creates and never overwrites. @throws `unsupported` without `baseUrl` and `signingKey`. */
  async signUpload(name: ObjectName, options: SignedUploadOptions): Promise<SignedUpload<BoundOnDisk>> {
    return this.#urls.signUpload(this.#checkNewKey('signUpload', name), options);
  }

  /**
   * What a signed URL allows, for whoever serves it. Given a URL, its path must be the object's; given only its
   * parameters, as behind a proxy that rewrites paths, the token alone says which object is meant.
   *
   * @throws `permission` when the URL is not signed, not for this method or storage, or has expired.
   */
  verifyToken(address: string | URL | URLSearchParams, method: string): SignedRequest {
    const request = this.#urls.verifyToken(address, method);
    this.#checkKey('verifyToken', request.name);
    return request;
  }

  /** Where the object's file is. It may be read; writing to it goes past everything that is promised here. */
  localPath(name: ObjectName): string {
    const style = process.platform === 'win32' ? 'win32' : 'posix';
    return safeJoin(this.#root.path, this.#checkKey('localPath', name), style);
  }

  async close(): Promise<void> {
    this.#lock.close();
  }

  /** The options, with whether URLs are signed instead of the keys. */
  describe(): object {
    return { ...this.#options, signed: this.#urls.signs };
  }

  /** The object is gone whatever becomes of its folders. */
  async #tidy(name: ObjectName): Promise<void> {
    if (this.#options.removeEmptyFolders) await this.#root.removeEmptied(splitName(name).folders);
  }

  async #run<T>(operation: string, name: ObjectName, act: () => Promise<T>): Promise<T> {
    try {
      this.#checkKey(operation, name);
      try {
        return await act();
      } catch (error) {
        if (isDiskError(error, 'ENOENT', VERSION_CHANGED)) await this.#root.check();
        throw error;
      }
    } catch (error) {
      throw this.#translate(error, operation, name);
    }
  }

  #translate(error: unknown, operation: string, name: string | undefined): unknown {
    return toFieldFileError(error, { operation, storage: this.id, name });
  }

  /** `limits` reserves the first segment only; internal folders may be deeper, on a disk mounted below the root. */
  #checkKey(operation: string, name: ObjectName): ObjectName {
    if (isUsable(name)) return name;
    throw this.#suspicious(operation, name, `"${INTERNAL}" is kept for the storage itself`);
  }

  /** A name that is to be given to an object. */
  #checkNewKey(operation: string, name: ObjectName): ObjectName {
    if (isPortable(this.#checkKey(operation, name))) return name;
    throw this.#suspicious(
      operation,
      name,
      'Windows takes a part of it for a device or for a stream of another file',
    );
  }

  #suspicious(operation: string, name: ObjectName, why: string): FieldFileError {
    return new FieldFileError(
      'suspicious-name',
      `${JSON.stringify(name)} is no object name: ${why} (${operation}).`,
      { operation, storage: this.id, name },
    );
  }

  #checkCandidates(operation: string, names: Candidates): Candidates {
    return {
      first: this.#checkNewKey(operation, names.first),
      next: async refused => this.#checkNewKey(operation, await names.next(refused)),
    };
  }

  #checkWriteId(operation: string, writeId: WriteId): void {
    if (/^[\w-]{1,128}$/.test(writeId)) return;
    throw new FieldFileError(
      'invalid-argument',
      `The write id ${JSON.stringify(writeId)} must be 1 to 128 letters, digits, "_" and "-" (${operation}).`,
      { operation, storage: this.id },
    );
  }
}

// Not in the class: an isolated declaration cannot name it.
Object.defineProperty(FileSystemBackend.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: FileSystemBackend, _depth: number, options: InspectOptions, show: typeof inspect): string {
    return `FileSystemBackend ${show(this.describe(), options)}`;
  },
});
