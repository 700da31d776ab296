import fs from 'node:fs';
import type { ObjectInfo, ObjectVersion } from '@fieldfile/storage';
import {
  type ObjectName,
  type ReadOptions,
  type ReadResult,
  readByPosition,
  throwIfAborted,
} from '@fieldfile/storage/backend';
import type { OpenFile } from './directory.ts';
import { DiskError, isDiskError, SHORT_FILE, VERSION_CHANGED } from './disk-error.ts';
import { fileHeldFor } from './held-name.ts';
import { isHeld } from './is-held.ts';
import { objectInfo } from './object-info.ts';
import { type Root, splitName } from './root.ts';

const { O_RDONLY, O_NONBLOCK = 0 } = fs.constants;

/** Opening a pipe would otherwise wait for somebody to write into it. */
const FLAGS = O_RDONLY | O_NONBLOCK;

/** Of a copy that the system cannot make by itself. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * Opens an object. What is read is this inode, whatever happens to its name meanwhile. A folder, a symbolic link or a
 * device is no object: `ENOENT`.
 */
export async function openObject(
  root: Root,
  name: ObjectName,
  options: ReadOptions,
  translate: (error: unknown) => unknown,
): Promise<ReadResult> {
  throwIfAborted(options.signal, 'read');
  const { file, info } = await openFile(root, name, options.ifMatch);
  try {
    throwIfAborted(options.signal, 'read');
    return readByPosition(info, options, file, translate);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Opens what an object is: a regular file, of that version if one is asked for. Close it. */
export async function openFile(
  root: Root,
  name: ObjectName,
  ifMatch: ObjectVersion | undefined,
): Promise<{ readonly file: OpenFile; readonly info: ObjectInfo }> {
  const file = (await root.fileAtOnce(name, FLAGS)) ?? (await openInFolder(root, name));
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw noObject();
    const info = objectInfo(name, stats);
    const writeId = await fileHeldFor(file, info.sizeBytes);
    if (writeId !== undefined && (await isHeld(root, name, writeId, stats))) throw noObject();
    if (ifMatch !== undefined && info.version !== ifMatch)
      throw new DiskError(VERSION_CHANGED, 'another version is there');
    return { file, info };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openInFolder(root: Root, name: ObjectName): Promise<OpenFile> {
  const { folders, last } = splitName(name);
  try {
    const folder = await root.folder(folders);
    try {
      return await folder.open(last, FLAGS);
    } catch (error) {
      if (isDiskError(error, 'ELOOP', 'ENXIO')) throw noObject(error);
      throw error;
    } finally {
      folder.close();
    }
  } catch (error) {
    throw isDiskError(error, 'ENOTDIR') ? noObject(error) : error;
  }
}

function noObject(cause?: unknown): DiskError {
  return new DiskError('ENOENT', 'it is no regular file', { cause });
}

export async function* readChunks(
  file: OpenFile,
  endExclusive: number,
  start: number = 0,
): AsyncGenerator<Uint8Array> {
  for (let position = start; position < endExclusive; position += CHUNK_BYTES) {
    const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, endExclusive - position));
    if ((await file.read(chunk, position)) < chunk.byteLength)
      throw new DiskError(SHORT_FILE, 'the file ended early');
    yield chunk;
  }
}
