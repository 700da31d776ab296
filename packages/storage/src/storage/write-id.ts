import type { WriteId } from './backend.ts';

/** A fresh write id: 32 hexadecimal digits, safe in file names and metadata. */
export function newWriteId(): WriteId {
  return crypto.randomUUID().replaceAll('-', '') as WriteId;
}

/** No id of ours has it otherwise, and every service keeps it. */
const WITHIN = '--';

/** With more, the id of an upload and these are longer than Azure takes. Nobody has to guess them. */
const RANDOM_DIGITS = 16;

/**
 * A fresh id for a write that belongs to another one: of a small object that tells of that one, is created once, and is replaced
 * again and again, perhaps by several processes. What a process that dies leaves of such a write beside the object, `undo` of the
 * other write takes back, too, and so does `settle` of its parts. So nobody has to know this id.
 */
export function writeIdWithin(whole: WriteId): WriteId {
  return `${whole}${WITHIN}${newWriteId().slice(0, RANDOM_DIGITS)}` as WriteId;
}

/** The write to which one belongs, by its id. */
export function wholeOf(writeId: WriteId): WriteId | undefined {
  const end = writeId.lastIndexOf(WITHIN);
  return end > 0 ? (writeId.slice(0, end) as WriteId) : undefined;
}
