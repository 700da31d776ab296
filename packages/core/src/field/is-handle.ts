import { FieldFileError } from '@fieldfile/storage';
import type { FileState } from './file-state.ts';

/** On the prototype of every copy's handles. */
export const HANDLE: unique symbol = Symbol.for('@fieldfile/core/handle');

/** Recognises a handle, also one of another installed copy or behind a proxy. */
export function isHandle(value: unknown): value is FileState {
  return typeof value === 'object' && value !== null && HANDLE in value;
}

/** @throws `no-file`. */
export function requireName(handle: FileState, operation: string): string {
  const { name } = handle;
  if (name === null)
    throw new FieldFileError(
      'no-file',
      `${handle.field.label} has no file associated with it: test \`stored\` first (${operation}).`,
      { operation, field: handle.field.label },
    );
  return name;
}
