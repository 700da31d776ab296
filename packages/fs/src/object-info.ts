import type { BigIntStats } from 'node:fs';
import type { ObjectInfo, ObjectVersion } from '@fieldfile/storage';
import { contentTypeOf, type ObjectName } from '@fieldfile/storage/backend';

/**
 * What an inode says of an object.
 *
 * The version is made of what only a write changes. `ctime` is not: dropping a receipt changes it. It is when the object
 * became visible, though, which `mtime` is not for a file that another tool put there with its old one.
 */
export function objectInfo(name: ObjectName, stats: BigIntStats): ObjectInfo {
  const contentType = contentTypeOf(name);
  return {
    name,
    sizeBytes: Number(stats.size),
    version: versionOf(stats),
    lastModified: stats.ctime,
    ...(contentType === undefined ? {} : { contentType }),
    metadata: {},
  };
}

export function versionOf({ ino, size, mtimeNs }: BigIntStats): ObjectVersion {
  return `${ino.toString(36)}-${size.toString(36)}-${mtimeNs.toString(36)}` as ObjectVersion;
}

export function sameFile(one: BigIntStats | undefined, other: BigIntStats | undefined): boolean {
  return one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev;
}
