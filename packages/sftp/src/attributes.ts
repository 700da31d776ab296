import type { ObjectVersion } from '@fieldfile/storage';
import type { FoundFile } from '@fieldfile/storage/backend';
import type { Attributes } from 'ssh2';

const DAY_SECONDS = 86_400;
/** The last time that every file system keeps. */
const LAST_SECOND = 2 ** 31 - 1;

/**
 * An access time that tells one write's file from every other's. The protocol has no inode, and its times are whole
 * seconds: two files of one second and one length would be the same version. Far in the future it is not changed by
 * reading, unless the disk is mounted with `strictatime`.
 */
export function randomMark(mtime: number): number {
  const first = mtime + 2 * DAY_SECONDS;
  return first + Math.floor(Math.random() * (LAST_SECOND - first));
}

export function foundFile({ mode, size, mtime, atime }: Attributes): FoundFile {
  const isMarked = atime > mtime + DAY_SECONDS;
  const version = [size, mtime, isMarked ? atime : 0].map(number => number.toString(36)).join('-');
  const type = mode & 0o170000;
  return {
    kind: type === 0o100000 ? 'file' : type === 0o040000 ? 'folder' : 'other',
    sizeBytes: size,
    lastModified: new Date(mtime * 1000),
    version: version as ObjectVersion,
    isProof: isMarked,
  };
}
