import type { Applied } from '@fieldfile/storage';

/** What no system call says, but is said and translated the same way. */
export const VERSION_CHANGED = 'VERSION_CHANGED';
export const WRITE_UNDONE = 'WRITE_UNDONE';
export const SHORT_FILE = 'SHORT_FILE';
export const PART_MISSING = 'PART_MISSING';
export const ROOT_VANISHED = 'ROOT_VANISHED';

/** What file systems without hard links, or with no more of them for this file, answer to `link`. */
export const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'] as const;

/**
 * A refusal of the operating system, as the directory layer throws it. A class of its own, because only these are
 * translated (`errors.ts`): an `ENOENT` of the caller's own stream passes untouched.
 */
export class DiskError extends Error {
  /** As in `errno.h`, `ENOENT` or `EEXIST`, or one of the above. */
  readonly code: string;
  /** Set where the name was already changed when the call failed, and could not be changed back. */
  applied: Applied = false;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  static from(error: NodeJS.ErrnoException): DiskError {
    return new DiskError(error.code ?? 'EIO', error.message, { cause: error });
  }
}

/** Whether an error is one of the disk's, with one of these codes. */
export function isDiskError(error: unknown, ...codes: readonly string[]): error is DiskError {
  return error instanceof DiskError && codes.includes(error.code);
}

/** Throws an error of a call that may have changed something all the same. */
export function unknownIfApplied(error: unknown): never {
  if (error instanceof DiskError) error.applied = 'unknown';
  throw error;
}

export function writeUndone(cause?: unknown): DiskError {
  return new DiskError(WRITE_UNDONE, 'nothing is left of the write', { cause });
}
