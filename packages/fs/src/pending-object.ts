import fs from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Source, WriteId } from '@fieldfile/storage';
import { type ObjectName, throwIfAborted, type WriteOptions } from '@fieldfile/storage/backend';
import type { Directory, Disk } from './directory.ts';
import { DiskError, isDiskError, NO_LINKS, unknownIfApplied, WRITE_UNDONE } from './disk-error.ts';
import type { Leftovers } from './leftovers.ts';
import { sameFile, versionOf } from './object-info.ts';
import { receiptName, replacementName, stubText, writeReceipt } from './receipts.ts';
import { type Lease, type Root, splitName } from './root.ts';
import { removeName, type Staged, stage } from './staged.ts';
import type { WriteLock } from './write-lock.ts';
import { folderForWrite } from './writes-folder.ts';

const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants;

/** How often a folder may vanish between being opened and used: somebody may remove empty ones all the time. */
const FOLDER_ATTEMPTS = 1000;

export interface UploadContext {
  readonly root: Root;
  readonly disk: Disk;
  readonly lock: WriteLock;
  readonly fileMode: number;
  readonly leftovers: Leftovers;
}

/** One write, from staged to published. Close it. */
export class PendingObject {
  readonly #context: UploadContext;
  readonly #options: WriteOptions;
  #directory: Directory;
  #close: () => void;
  #staged: Staged | undefined;
  #place: ((internal: Directory) => Promise<Staged>) | undefined;

  private constructor(
    context: UploadContext,
    options: WriteOptions,
    directory: Directory,
    close: () => void,
    staged: Staged | undefined,
  ) {
    this.#context = context;
    this.#options = options;
    this.#directory = directory;
    this.#close = close;
    this.#staged = staged;
  }

  /** @param isCreating whether there is no object of that name yet. */
  static async receive(
    context: UploadContext,
    source: Source,
    options: WriteOptions,
    first: ObjectName,
    isCreating: boolean,
  ): Promise<PendingObject> {
    const { root, disk, fileMode, leftovers } = context;
    const keepsName = root.durable && options.durability === undefined;
    const durable = root.durable && options.durability !== 'process-crash';
    const left = (): Promise<void> => leftovers.remove(first, options.writeId);
    const stageOptions = { ...options, disk, fileMode, durable, left };
    for (let attempt = 1; ; attempt++) {
      throwIfAborted(options.signal, 'write');
      let lease: Lease | undefined;
      try {
        lease = await root.internal();
        const { directory: internal, release } = lease;
        const directory = await folderForWrite(root, internal, options.writeId, isCreating);
        const close = (): void => {
          if (directory !== internal) directory.close();
          release();
        };
        try {
          const syncName = async (): Promise<void> => {
            if (keepsName) await root.sync(directory);
          };
          const staged = await stage(directory, source, { ...stageOptions, syncName });
          return new PendingObject(context, options, directory, close, staged);
        } catch (error) {
          if (directory !== internal) directory.close();
          throw error;
        }
      } catch (error) {
        lease?.release();
        if (!isDiskError(error, 'ENOENT') || attempt > FOLDER_ATTEMPTS) throw error;
        lease?.forget(); // it was removed, before a byte was asked of the source
      }
    }
  }

  /**
   * A write whose content is whole already: `place` gives it the write's id in the internal folder, right before it is published
   * with {@link publishOver}, while nobody else writes on a condition.
   */
  static async adopt(
    context: UploadContext,
    options: WriteOptions,
    place: (internal: Directory) => Promise<Staged>,
  ): Promise<PendingObject> {
    const { directory, release } = await context.root.internal();
    const pending = new PendingObject(context, options, directory, release, undefined);
    pending.#place = place;
    return pending;
  }

  get stats(): Staged['stats'] {
    return this.#whole.stats;
  }

  get #whole(): Staged {
    if (this.#staged) return this.#staged;
    throw new DiskError(WRITE_UNDONE, 'nothing is staged');
  }

  get #writeId(): WriteId {
    return this.#options.writeId;
  }

  /** Whether names survive a power cut. */
  get #keepsNames(): boolean {
    return this.#context.root.durable && this.#options.durability === undefined;
  }

  async #sync(directory: Directory): Promise<void> {
    if (this.#keepsNames) await this.#context.root.sync(directory);
  }

  /** Makes the object visible under a free name. @returns false when it is taken. */
  async publish(name: ObjectName): Promise<boolean> {
    const { folders, last } = splitName(name);
    for (let attempt = 1; ; attempt++) {
      throwIfAborted(this.#options.signal, 'create');
      let folder: Directory | undefined;
      try {
        folder = await this.#context.root.makeFolder(folders, this.#keepsNames);
        if (!(await this.#giveName(folder, last))) return false;
        await this.#settleName(folder, last);
        return true;
      } catch (error) {
        await this.#recover(error, folders, attempt);
      } finally {
        folder?.close();
      }
    }
  }

  /**
   * Makes the object visible instead of whatever has the name, or only if that passes a check.
   *
   * @throws what the check throws.
   */
  async publishOver(
    name: ObjectName,
    check?: (folder: Directory, name: string) => Promise<void>,
  ): Promise<void> {
    const { root, lock } = this.#context;
    const { signal } = this.#options;
    const { folders, last } = splitName(name);
    for (let attempt = 1; ; attempt++) {
      throwIfAborted(signal, 'replace');
      let opened: Directory | undefined;
      try {
        const folder = await root.makeFolder(folders, this.#keepsNames);
        opened = folder;
        await lock.hold({ conditional: check !== undefined, signal }, async () => {
          await check?.(folder, last);
          this.#staged ??= await this.#place?.(this.#directory);
          await this.#takeName(folder, last);
        });
        // There is no way back to the old content from here.
        await this.#sync(folder).catch(unknownIfApplied);
        await this.#takeSource().catch(unknownIfApplied);
        return;
      } catch (error) {
        await this.#recover(error, folders, attempt);
      } finally {
        opened?.close();
      }
    }
  }

  /** Leaves nothing, now or as soon as the disk lets it. The write has failed, and is what is told of. */
  async undo(name: ObjectName): Promise<void> {
    const { leftovers } = this.#context;
    try {
      await removeName(this.#directory, this.#writeId);
      await this.#sync(this.#directory);
    } catch {
      await leftovers.remove(name, this.#writeId).catch(() => {});
    }
  }

  close(): void {
    this.#close();
  }

  async #giveName(folder: Directory, name: string): Promise<boolean> {
    try {
      await this.#directory.link(this.#writeId, folder, name);
      return true;
    } catch (error) {
      // NFS may do what was asked, lose the answer and refuse the repetition.
      if (isDiskError(error, 'EEXIST')) return sameFile(await folder.stat(name), this.stats);
      if (isDiskError(error, ...NO_LINKS)) return this.#reserveName(folder, name);
      throw error;
    }
  }

  /** Without hard links: a file that holds the name, then the object over it. */
  async #reserveName(folder: Directory, name: string): Promise<boolean> {
    await writeReceipt(this.#directory, this.#writeId, versionOf(this.stats), this.#keepsNames);
    await this.#sync(this.#directory);
    let mine = false;
    try {
      const stub = await folder.open(name, O_WRONLY | O_CREAT | O_EXCL, 0o600);
      mine = true;
      try {
        await stub.append([stubText(this.#writeId)]);
        if (this.#keepsNames) await stub.sync();
      } finally {
        await stub.close();
      }
      await this.#directory.rename(this.#writeId, folder, name);
      return true;
    } catch (error) {
      if (mine) await removeName(folder, name);
      await removeName(this.#directory, receiptName(this.#writeId));
      if (isDiskError(error, 'EEXIST') && !mine) return false;
      throw error;
    }
  }

  /** By a name of its own, so that the receipt stays. */
  async #takeName(folder: Directory, name: string): Promise<void> {
    const replacement = replacementName(this.#writeId);
    try {
      await this.#directory.link(this.#writeId, this.#directory, replacement);
    } catch (error) {
      if (!isDiskError(error, ...NO_LINKS)) throw error;
      await writeReceipt(this.#directory, this.#writeId, versionOf(this.stats), this.#keepsNames);
      return this.#directory.rename(this.#writeId, folder, name);
    }
    try {
      await this.#directory.rename(replacement, folder, name);
    } catch (error) {
      await removeName(this.#directory, replacement);
      throw error;
    }
  }

  /** The name is given: makes that durable, or takes it back. */
  async #settleName(folder: Directory, name: string): Promise<void> {
    try {
      await this.#sync(folder);
      await this.#takeSource();
    } catch (error) {
      try {
        if (sameFile(await folder.stat(name), this.stats)) await folder.unlink(name);
      } catch {
        unknownIfApplied(error);
      }
      throw error;
    }
  }

  /** Takes the caller's file away, which it allowed. A copy may also stay, but never a second name for the object. */
  async #takeSource(): Promise<void> {
    const { consumed } = this.#whole;
    if (!consumed) return;
    const folder = this.#context.disk(dirname(consumed.path));
    try {
      await removeName(folder, basename(consumed.path));
    } catch (error) {
      if (consumed.shared || !isDiskError(error, 'EACCES', 'EPERM', 'EROFS')) throw error;
    }
  }

  /** Prepares another attempt at publishing, or throws. */
  async #recover(error: unknown, folders: readonly string[], attempt: number): Promise<void> {
    if (attempt > FOLDER_ATTEMPTS) throw error;
    if (isDiskError(error, 'EXDEV')) {
      await this.#context.root.check();
      return this.#moveBeside(folders).catch(async failure => {
        if (!isDiskError(failure, 'ENOENT')) throw failure;
        await this.#recover(failure, folders, attempt);
      });
    }
    if (!isDiskError(error, 'ENOENT')) throw error;
    if (!(await this.#directory.stat(this.#writeId)))
      throw new DiskError(WRITE_UNDONE, 'the staged file is gone', { cause: error });
    // Else somebody removed the empty folder, or one on the way to it, between its making and its use.
  }

  /** Another disk is mounted there: what was staged moves to an internal folder on that one. */
  async #moveBeside(folders: readonly string[]): Promise<void> {
    const { root, disk, fileMode } = this.#context;
    const beside = await root.makeInternal(folders);
    try {
      const path = `${this.#directory.path}/${this.#writeId}`;
      const source: Source = {
        replayable: true,
        local: { path, consume: false },
        open: () => {
          throw new DiskError('EXDEV', `${path} cannot be copied to ${beside.path}`);
        },
      };
      const { writeId, signal } = this.#options;
      const { stats } = await stage(beside, source, {
        writeId,
        ...(signal ? { signal } : {}),
        disk,
        fileMode,
        durable: root.durable && this.#options.durability !== 'process-crash',
        syncName: () => this.#sync(beside),
      });
      await removeName(this.#directory, writeId);
      this.#close();
      this.#directory = beside;
      this.#close = () => beside.close();
      this.#staged = { ...this.#whole, stats };
    } catch (error) {
      beside.close();
      throw error;
    }
  }
}
