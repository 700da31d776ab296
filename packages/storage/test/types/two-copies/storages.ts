// Two installed copies of the package: what one made, the other takes.
import type { Content, FieldFileError, ObjectInfo, Source } from '@fieldfile/storage';
import type * as other from 'another-copy';

export function contents(bytes: Content, source: Source): other.Content[] {
  return [bytes, source];
}

export function objects(info: ObjectInfo): other.ObjectInfo {
  return info;
}

export async function notConfused(info: ObjectInfo, storage: other.Storage): Promise<void> {
  await storage.backend.read(info.name, { ifMatch: info.version });
  // @ts-expect-error brands of one copy are told apart by the other
  await storage.backend.read(info.version);
}

export function errors(error: FieldFileError): other.FieldFileError {
  return error;
}
