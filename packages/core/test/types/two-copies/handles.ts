// Two installed copies of the package: what one made, the other takes.
import type { Content, FieldFile, FileInput, NewFile, ObjectInfo, StoredFile } from '@fieldfile/core';
import type * as other from 'another-copy';

export function handles(handle: FieldFile, stored: StoredFile, made: NewFile): other.FieldFile[] {
  return [handle, stored, made];
}

export function handlesBack(
  handle: other.FieldFile,
  stored: other.StoredFile,
  made: other.NewFile,
): FieldFile[] {
  return [handle, stored, made];
}

export function inputs(input: FileInput, made: NewFile): other.FileInput[] {
  return [input, made];
}

export function contents(content: Content): other.Content {
  return content;
}

export function objects(info: ObjectInfo): other.ObjectInfo {
  return info;
}

export async function notConfused(info: ObjectInfo, storage: other.Storage): Promise<void> {
  await storage.backend.read(info.key, { ifMatch: info.version });
  // @ts-expect-error brands of one copy are told apart by the other
  await storage.backend.read(info.version);
}
