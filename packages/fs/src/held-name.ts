import fs from 'node:fs';
import type { WriteId } from '@fieldfile/storage';
import type { Directory, OpenFile } from './directory.ts';
import { isDiskError, NO_LINKS, unknownIfApplied } from './disk-error.ts';
import { readSmall } from './read-small.ts';
import { removeName } from './staged.ts';

const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants;

/** An odd length, so that few objects have to be looked into. */
const HELD_BYTES = 997;

const BEGINNING = 'FieldFile holds this name for write ';

/** Longer than any write id, and as much as is read of it. */
const READ_BYTES = 256;

const heldText = (writeId: WriteId): string => `${BEGINNING}${writeId}.\n`;

/** What it is called before it has the name. */
const ASIDE = 'held';

/**
 * Holds a free name with a small file, which is no object. It is whole when it gets the name: of half a one nobody could tell what
 * it is, were its process killed.
 *
 * @param aside the folder of the write.
 * @returns false when the name is taken.
 */
export async function holdName(
  aside: Directory,
  folder: Directory,
  name: string,
  writeId: WriteId,
  durable: boolean,
): Promise<boolean> {
  await removeName(aside, ASIDE);
  await writeHeld(aside, ASIDE, writeId, durable);
  try {
    await aside.link(ASIDE, folder, name);
    return true;
  } catch (error) {
    if (isDiskError(error, 'EEXIST')) return false;
    if (!isDiskError(error, 'EXDEV', ...NO_LINKS)) throw error;
  }
  try {
    await writeHeld(folder, name, writeId, durable);
    return true;
  } catch (error) {
    if (isDiskError(error, 'EEXIST')) return false;
    throw error;
  }
}

async function writeHeld(folder: Directory, name: string, writeId: WriteId, durable: boolean): Promise<void> {
  const file = await folder.open(name, O_WRONLY | O_CREAT | O_EXCL, 0o600);
  try {
    await file.append([Buffer.from(heldText(writeId).padEnd(HELD_BYTES))]);
    if (durable) await file.sync();
  } catch (error) {
    await folder.unlink(name).catch(() => unknownIfApplied(error));
    throw error;
  } finally {
    await file.close();
  }
}

/** Whether a file of this length says that it holds a name for that write. */
export async function isHeldName(
  folder: Directory,
  name: string,
  size: bigint,
  writeId: WriteId,
): Promise<boolean> {
  return (await heldFor(folder, name, size)) === writeId;
}

/** The write for which a file of this length says that it holds a name. Anybody can save such a file: ask `isHeld`. */
export async function heldFor(folder: Directory, name: string, size: bigint): Promise<WriteId | undefined> {
  if (size !== BigInt(HELD_BYTES)) return undefined;
  const bytes = await readSmall(folder, name, READ_BYTES);
  return bytes && writeIdIn(bytes);
}

/** The same of an open file. */
export async function fileHeldFor(file: OpenFile, size: number): Promise<WriteId | undefined> {
  if (size !== HELD_BYTES) return undefined;
  const bytes = Buffer.alloc(READ_BYTES);
  await file.read(bytes, 0);
  return writeIdIn(bytes);
}

const HELD_TEXT = new RegExp(`^${BEGINNING}([\\w-]{1,128})\\.\\n *$`);

const writeIdIn = (bytes: Buffer): WriteId | undefined =>
  HELD_TEXT.exec(bytes.toString('latin1'))?.[1] as WriteId | undefined;
