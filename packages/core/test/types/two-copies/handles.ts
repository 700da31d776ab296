// Two installed copies of the package: what one made, the other takes.
import type { FieldFile, FileContent, FileInput, NewFile, StoredFile } from '@fieldfile/core';
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

export function contents(content: FileContent): other.FileContent {
  return content;
}
