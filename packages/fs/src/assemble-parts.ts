import fs from 'node:fs';
import { paceCollection, type StoredPart, throwIfAborted } from '@fieldfile/storage/backend';
import type { Directory, OpenFile } from './directory.ts';
import { DiskError, PART_MISSING } from './disk-error.ts';
import { checksumAs } from './part-checksum.ts';
import { bootId, type PartReceipt, readReceipt } from './part-receipt.ts';
import type { UploadContext } from './pending-object.ts';
import { readChunks } from './read.ts';
import { preciseNow, type Staged } from './staged.ts';

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL } = fs.constants;

/** A part to put into the object. */
export interface Piece extends PartReceipt {
  readonly sizeBytes: number;
}

/** Where each part is. @throws `PART_MISSING` unless they follow each other. */
export function piecesOf(parts: readonly StoredPart[]): readonly Piece[] {
  let start = 0;
  return parts.map(({ number, sizeBytes, receipt }) => {
    const read = readReceipt(receipt);
    if (read?.start !== start || read.number !== number)
      throw new DiskError(PART_MISSING, `part ${number} was stored elsewhere than at ${start}`);
    start += sizeBytes;
    return { ...read, sizeBytes };
  });
}

/**
 * Makes one file of the parts, whole and durable, with its mode.
 *
 * @param own the file of this process that becomes it; without one, a new file.
 */
export async function assemble(
  { root, fileMode }: UploadContext,
  folder: Directory,
  own: string | undefined,
  pieces: readonly Piece[],
  signal: AbortSignal | undefined,
): Promise<{ readonly name: string; readonly staged: Staged }> {
  const name = own ?? crypto.randomUUID();
  const flags = own === undefined ? O_RDWR | O_CREAT | O_EXCL : O_RDWR;
  const base = await folder.open(name, flags, 0o600);
  try {
    const boot = bootId();
    const total = pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    for (const piece of pieces) {
      throwIfAborted(signal, 'complete');
      const isThere = piece.file === name && piece.boot !== undefined && piece.boot === boot;
      if (!isThere && piece.sizeBytes > 0) await copy(folder, name, base, piece);
    }
    const { size } = await base.stat();
    if (size !== BigInt(total))
      throw new DiskError(PART_MISSING, `the parts have ${total} bytes, and their file has ${size}`);
    const stats = base.stamp(fileMode, preciseNow());
    if (root.durable) await base.sync();
    return { name, staged: { stats } };
  } finally {
    await base.close();
  }
}

/** Reads a part, which tells whether it is what was stored; unless it is there already, puts it into its place. */
async function copy(folder: Directory, baseName: string, base: OpenFile, piece: Piece): Promise<void> {
  const file = piece.file === baseName ? base : await folder.open(piece.file, O_RDONLY);
  try {
    const checksum = checksumAs(piece.checksum);
    let position = piece.start;
    for await (const chunk of readChunks(file, piece.start + piece.sizeBytes, piece.start)) {
      checksum.update(chunk);
      if (file !== base) await base.append([chunk], position);
      position += chunk.byteLength;
      paceCollection(chunk.byteLength);
    }
    if (checksum.base64() !== piece.checksum)
      throw new DiskError(PART_MISSING, `part ${piece.number} is not what was stored`);
  } finally {
    if (file !== base) await file.close();
  }
}
