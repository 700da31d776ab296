import type { Bytes } from '../content/content.ts';
import type { LocalFile } from '../content/local-file.ts';
import { FieldFileError } from '../errors/field-file-error.ts';
import type { FieldFile, FileReference, NewFile, StoredFile } from './field-file.ts';
import type { Pending } from './pending.ts';

const BRAND: unique symbol = Symbol.for('@fieldfile/core/new-file');

/**
 * Names content, so that it can be assigned to any file attribute.
 *
 * @param name as the client or the program calls it; `uploadTo` and the storage make the object's name of it. Not needed
 * where the content has one.
 * @example
 * ```ts
 * import { type FieldFile, file } from '@fieldfile/core';
 *
 * export function greet(photo: { image: FieldFile }): void {
 *   photo.image = file('hello', 'greeting.txt');
 * }
 * ```
 */
export function file(content: File | LocalFile | StoredFile): NewFile;
export function file(
  content: Bytes | StoredFile,
  name: string,
  options?: { readonly contentType?: string },
): NewFile;
export function file(
  content: Bytes | StoredFile,
  name?: string,
  options: { readonly contentType?: string } = {},
): NewFile {
  const named = name === undefined ? options : { ...options, name };
  return newFile({ kind: 'content', content, options: named }, `file(${JSON.stringify(name ?? '…')})`);
}

/**
 * Adopts an object that is on the field's storage already. Explicit, because a name out of a request body would hijack,
 * and later delete, another row's file.
 *
 * @throws `not-found` when the row is stored and there is no such object.
 */
export function existing(name: string): NewFile {
  return newFile({ kind: 'existing', name }, `existing(${JSON.stringify(name)})`);
}

/** Clears the field, also where the property's type does not allow null. */
export const noFile: NewFile = newFile({ kind: 'none' }, 'noFile', true);

function newFile(pending: Pending, label: string, reusable = false): NewFile {
  return new DetachedFile(pending, label, reusable) as unknown as NewFile;
}

/** Recognises `file(…)`, `existing(…)` and `noFile`, also of another installed copy. */
export function isNewFile(value: unknown): value is NewFile {
  return typeof value === 'object' && value !== null && BRAND in value;
}

/**
 * Hands out what a new file holds: to one row only.
 *
 * @throws `content-consumed` for the second.
 */
export function takePending(input: NewFile, field: string): Pending {
  return (input as unknown as DetachedFile).take(field);
}

/** No `#private` members: frameworks put what forms hold behind proxies. */
class DetachedFile implements Omit<FieldFile<never>, 'stored'> {
  held: Pending | undefined;
  readonly label: string;
  readonly reusable: boolean;

  constructor(pending: Pending, label: string, reusable: boolean) {
    this.held = pending;
    this.label = label;
    this.reusable = reusable;
    Object.defineProperty(this, BRAND, { value: true });
  }

  readonly name = null;
  readonly stored = null;
  readonly pending = true;
  readonly owner = undefined;

  take(field: string): Pending {
    const { held } = this;
    if (!held)
      throw new FieldFileError(
        'content-consumed',
        `${this.label} was assigned before: make one for each row (${field}).`,
        { field },
      );
    if (!this.reusable) this.held = undefined;
    return held;
  }

  save(): Promise<never> {
    return Promise.reject(noRow(this.label, 'save'));
  }

  delete(): Promise<never> {
    return Promise.reject(noRow(this.label, 'delete'));
  }

  reference(): FileReference {
    throw noRow(this.label, 'reference');
  }

  equals(other: FieldFile | string | null): boolean {
    return (other as unknown) === this;
  }

  toJSON(): null {
    return null;
  }

  toString(): string {
    return '';
  }
}

const noRow = (label: string, operation: string): FieldFileError =>
  new FieldFileError(
    'invalid-argument',
    `${label} is no row's yet: assign it to a row's field first (${operation}).`,
    {
      operation,
    },
  );
