import { FieldFileError } from '@fieldfile/storage';
import type { FieldFile, FileReference, NewFile } from './field-file.ts';
import type { Offered } from './pending.ts';

const BRAND: unique symbol = Symbol.for('@fieldfile/core/new-file');

/** Makes what `file`, `existing` and `noFile` give. A reusable one can be assigned to any number of rows. */
export function detachedFile(offered: Offered, label: string, reusable = false): NewFile {
  return new DetachedFile(offered, label, reusable) as unknown as NewFile;
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
export function takeOffered(input: NewFile, field: string): Offered {
  return (input as unknown as DetachedFile).take(field);
}

/** No `#private` members: frameworks put what forms hold behind proxies. */
class DetachedFile implements Omit<FieldFile<never>, 'stored'> {
  held: Offered | undefined;
  readonly label: string;
  readonly reusable: boolean;

  constructor(offered: Offered, label: string, reusable: boolean) {
    this.held = offered;
    this.label = label;
    this.reusable = reusable;
    Object.defineProperty(this, BRAND, { value: true });
  }

  readonly name = null;
  readonly stored = null;
  readonly pending = true;
  readonly owner = undefined;

  take(field: string): Offered {
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
