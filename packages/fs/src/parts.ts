import fs from 'node:fs';
import type { CallOptions, ObjectInfo, Source, WriteId } from '@fieldfile/storage';
import {
  type Candidates,
  firstFree,
  type ObjectName,
  type PartedWrite,
  type PartedWrites,
  type PartLimits,
  type PartPlace,
  type StoredPart,
  throwIfAborted,
  type WriteOptions,
  type WritePartOptions,
} from '@fieldfile/storage/backend';
import { assemble, type Piece, piecesOf } from './assemble-parts.ts';
import type { Directory } from './directory.ts';
import { DiskError, isDiskError, VERSION_CHANGED, WRITE_UNDONE, writeUndone } from './disk-error.ts';
import { isHeldName } from './held-name.ts';
import { holdPartedName } from './hold-parted-name.ts';
import { objectInfo } from './object-info.ts';
import { partChecksum } from './part-checksum.ts';
import { PartFiles } from './part-files.ts';
import { bootId, receiptText } from './part-receipt.ts';
import { partsFolderName, removeParts } from './parts-folder.ts';
import { PendingObject, type UploadContext } from './pending-object.ts';
import { place, placedBefore } from './place-parts.ts';
import { findWritten } from './receipts.ts';
import { receive } from './receive.ts';
import { removeWrites } from './writes-folder.ts';

const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants;

/** What the backend checks before names and write ids reach the disk. */
export interface PartChecks {
  run<T>(operation: string, name: ObjectName, act: () => Promise<T>): Promise<T>;
  candidates(operation: string, names: Candidates): Candidates;
  writeId(operation: string, writeId: WriteId): void;
}

/**
 * Objects that come in parts. Each part is written at its place in a file of this process, in a folder of the write, without an
 * fsync: its receipt has a checksum, by which is known whether a power cut took it. The file becomes the object when it is
 * complete; parts that another process wrote are copied into it before.
 */
export class DiskParts implements PartedWrites {
  readonly limits: PartLimits = {
    minPartBytes: 1,
    maxPartBytes: Number.MAX_SAFE_INTEGER,
    maxParts: Number.MAX_SAFE_INTEGER,
  };
  readonly #context: UploadContext;
  readonly #checks: PartChecks;
  readonly #files = new PartFiles();

  constructor(context: UploadContext, checks: PartChecks) {
    this.#context = context;
    this.#checks = checks;
  }

  begin(names: Candidates, options: WriteOptions): Promise<PartedWrite> {
    const { writeId, signal } = options;
    return this.#checks.run('begin', names.first, async () => {
      this.#checks.writeId('begin', writeId);
      throwIfAborted(signal, 'begin');
      const { root } = this.#context;
      const { directory, release } = await root.internal();
      try {
        await directory.makeDirectory(partsFolderName(writeId), 0o700);
        await root.sync(directory);
        const hold = (name: ObjectName): Promise<ObjectName | undefined> =>
          holdPartedName(this.#context, name, writeId, directory);
        const name = await firstFree(this.#checks.candidates('begin', names), hold, signal);
        return { name, writeId, id: '' };
      } catch (error) {
        // While the name is held, its folder stays: by it a listing, and who undoes the write, know what the file is.
        const mayHold = error instanceof DiskError && error.applied === 'unknown';
        if (!mayHold && !isDiskError(error, 'EEXIST')) await removeParts(directory, writeId);
        throw error;
      } finally {
        release();
      }
    });
  }

  writePart(
    { name, writeId }: PartedWrite,
    { number, offset }: PartPlace,
    source: Source,
    options: WritePartOptions = {},
  ): Promise<StoredPart> {
    return this.#inFolder('writePart', name, writeId, options, async folder => {
      const { root } = this.#context;
      const { file: target, range } = this.#files.take(writeId, offset, source.sizeBytes, async file => {
        await (await folder.open(file, O_WRONLY | O_CREAT | O_EXCL, 0o600)).close();
        await root.sync(folder);
      });
      let stored: number | undefined;
      try {
        await target.made;
        const file = await folder.open(target.name, O_WRONLY);
        try {
          const checksum = partChecksum();
          let [appendedBytes, sizeBytes] = [0, 0];
          const append = (chunks: readonly Uint8Array[]): Promise<void> => {
            const position = offset + appendedBytes;
            for (const { byteLength } of chunks) appendedBytes += byteLength;
            return file.append(chunks, position);
          };
          await receive({ append }, source, options, chunk => {
            checksum.update(chunk);
            sizeBytes += chunk.byteLength;
          });
          stored = sizeBytes;
          const receipt = receiptText({
            number,
            file: target.name,
            start: offset,
            checksum: checksum.base64(),
            boot: bootId(),
          });
          return { number, sizeBytes, receipt };
        } finally {
          await file.close();
        }
      } finally {
        this.#files.done(target, range, stored);
      }
    });
  }

  complete(write: PartedWrite, parts: readonly StoredPart[], options: CallOptions = {}): Promise<ObjectInfo> {
    const { name, writeId } = write;
    return this.#checks.run('complete', name, async () => {
      throwIfAborted(options.signal, 'complete');
      this.#checks.writeId('complete', writeId);
      const { root } = this.#context;
      const done = async (): Promise<ObjectInfo | undefined> => {
        const stats = await findWritten(root, name, writeId);
        return stats && objectInfo(name, stats);
      };
      const before = await done();
      if (before) return before;
      try {
        return await this.#complete(write, piecesOf(parts), options);
      } catch (error) {
        // Another call, here or elsewhere, may have been faster.
        const made = isDiskError(error, 'ENOENT', WRITE_UNDONE, VERSION_CHANGED) ? await done() : undefined;
        if (made) return made;
        throw isDiskError(error, 'ENOENT') ? writeUndone(error) : error;
      }
    });
  }

  /** What a process that died left of writes that belong to this one. Nobody adds to it any more. */
  settle(name: ObjectName, writeId: WriteId, { signal }: CallOptions = {}): Promise<void> {
    return this.#checks.run('settle', name, async () => {
      throwIfAborted(signal, 'settle');
      this.#checks.writeId('settle', writeId);
      const { directory, release } = await this.#context.root.internal();
      try {
        await removeWrites(directory, writeId);
      } finally {
        release();
      }
    });
  }

  /** This process knows nothing of the write any more. */
  forget(writeId: WriteId): void {
    this.#files.forget(writeId);
  }

  async #complete(
    { name, writeId }: PartedWrite,
    pieces: readonly Piece[],
    { signal }: CallOptions,
  ): Promise<ObjectInfo> {
    const { root } = this.#context;
    const options: WriteOptions = { writeId, ...(signal ? { signal } : {}) };
    const { directory, release } = await root.internal();
    try {
      const folder = await this.#folderIfAny(directory, writeId);
      const own = this.#files.seal(writeId, pieces);
      let isMade = false;
      try {
        const base = folder && (await assemble(this.#context, folder, own?.name, pieces, signal));
        const pending = await PendingObject.adopt(this.#context, options, async internal => {
          const placed = base
            ? await place(folder, base, internal, writeId)
            : await placedBefore(internal, writeId);
          if (folder) await removeParts(internal, writeId);
          await root.sync(internal);
          return placed;
        });
        try {
          await pending.publishOver(name, async (into, last) => {
            const stats = await into.stat(last);
            if (!stats || !(await isHeldName(into, last, stats.size, writeId)))
              throw new DiskError(VERSION_CHANGED, 'something else, or nothing, has the name');
          });
          isMade = true;
          return objectInfo(name, pending.stats);
        } finally {
          pending.close();
        }
      } finally {
        if (isMade) this.#files.forget(writeId);
        else this.#files.unseal(own);
        folder?.close();
      }
    } finally {
      release();
    }
  }

  /** Opens the folder of the write. */
  #inFolder<T>(
    operation: string,
    name: ObjectName,
    writeId: WriteId,
    { signal }: CallOptions,
    act: (folder: Directory) => Promise<T>,
  ): Promise<T> {
    return this.#checks.run(operation, name, async () => {
      throwIfAborted(signal, operation);
      this.#checks.writeId(operation, writeId);
      const { directory, release } = await this.#context.root.internal();
      try {
        const folder = await this.#folderIfAny(directory, writeId);
        if (!folder) throw writeUndone();
        try {
          return await act(folder);
        } catch (error) {
          throw isDiskError(error, 'ENOENT') ? writeUndone(error) : error;
        } finally {
          folder.close();
        }
      } finally {
        release();
      }
    });
  }

  async #folderIfAny(internal: Directory, writeId: WriteId): Promise<Directory | undefined> {
    try {
      return await internal.child(partsFolderName(writeId));
    } catch (error) {
      if (!isDiskError(error, 'ENOENT')) throw error;
      this.#files.forget(writeId);
      return undefined;
    }
  }
}
