import { type FailedCall, type Meaning, serviceFailure } from '@fieldfile/storage/backend';
import { DiskError, PART_MISSING, SHORT_FILE, VERSION_CHANGED, WRITE_UNDONE } from './disk-error.ts';

const PERMISSION: Meaning = {
  code: 'permission',
  what: 'the system refuses: check owner and mode of the folder',
};
const FULL: Meaning = { code: 'no-space', what: 'the disk or quota is full: make room' };
const TOO_MANY_FILES: Meaning = {
  code: 'throttled',
  what: 'too many files are open: raise the limit (ulimit -n) or dispose of what was opened',
  retryable: true,
};

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOENT: { code: 'not-found', what: 'it does not exist' },
  EEXIST: { code: 'exists', what: 'it already exists' },
  ENOTDIR: { code: 'exists', what: 'a part of its path exists and is not a directory' },
  EISDIR: { code: 'exists', what: 'it is a folder' },
  ENOTEMPTY: { code: 'exists', what: 'it is a folder that is not empty' },
  ELOOP: {
    code: 'suspicious-name',
    what: 'a part of its path is a symbolic link, which is never followed: use a bind mount, or make the root itself the link',
  },
  EACCES: PERMISSION,
  EPERM: PERMISSION,
  EROFS: { code: 'permission', what: 'the file system is read-only' },
  ENOSPC: FULL,
  EDQUOT: FULL,
  EFBIG: { code: 'too-large', what: 'it is larger than a file of this file system may be' },
  ENAMETOOLONG: { code: 'name-too-long', what: 'the file system takes no name that long' },
  EMFILE: TOO_MANY_FILES,
  ENFILE: TOO_MANY_FILES,
  [VERSION_CHANGED]: {
    code: 'precondition',
    what: 'it is no longer the version that was asked for: ask for its info again',
  },
  [WRITE_UNDONE]: { code: 'conflict', what: 'the write was undone while it was under way' },
  [SHORT_FILE]: { code: 'integrity', what: 'the file became shorter while it was read' },
  [PART_MISSING]: {
    code: 'integrity',
    what: 'a part is not there as it was stored, perhaps after the power failed: send it again',
  },
  ETIMEDOUT: { code: 'timeout', what: 'the file system did not answer', retryable: true },
};

/** The one place where an error of the operating system becomes ours. Anything else is handed back untouched. */
export function toFieldFileError(error: unknown, call: FailedCall): unknown {
  if (!(error instanceof DiskError)) return error;
  const { code, applied, message, cause = error } = error;
  const meaning = MEANINGS[code] ?? { code: 'backend', what: message };
  return serviceFailure({ ...meaning, applied }, call, cause, code);
}
