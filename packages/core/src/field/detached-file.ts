import { FieldFileError } from '@fieldfile/storage';
import type { FieldFile, FileReference, NewFile } from './field-file.ts';
import type { Offered } from './offered.ts';

const BRAND: unique symbol = Symbol.for('@fieldfile/core/new-file');

/** Makes what `file`, `adopt` and `noFile` give. A reusable one can be assigned to any number of rows. */
export function detachedFile(offered: Offered, label: string, reusable = false): NewFile {
  return new DetachedFile(offered, label, reusable) as unknown as NewFile;
}

/** Recognises `file(…)`, `adopt(…)` and `noFile`, also of another installed copy. */
export function isNewFile(value: unknown): value is NewFile {
  return typeof value === 'object' && value !== null && BRAND in value;
}

/** Whether nothing was assigned it yet. */
export function isOffered(input: NewFile): boolean {
  return (input as unknown as DetachedFile).held !== undefined;
}

/**
 * Hands out what a new file holds: to one row only.
 *
 * @throws `content-consumed` for the second.
 */
export function consumeOffered(input: NewFile, field: string): Offered {
  return (input as unknown as DetachedFile).consume(field);
}

/** No `#private` members: frameworks put what forms hold behind proxies. */
class DetachedFile implements Omit<FieldFile<never>, 'stored'> {
  declare held: Offered | undefined;
  declare private readonly label: string;
  declare private readonly reusable: boolean;
  declare readonly name: null;
  declare readonly stored: null;
  declare readonly pending: true;
  declare readonly owner: undefined;

  constructor(offered: Offered, label: string, reusable: boolean) {
    // Not enumerable: whoever walks the keys of an object, as serialisers do, finds none.
    Object.defineProperties(this, {
      [BRAND]: { value: true },
      held: { value: offered, writable: true },
      label: { value: label },
      reusable: { value: reusable },
    });
  }

  consume(field: string): Offered {
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

Object.assign(DetachedFile.prototype, { name: null, stored: null, pending: true, owner: undefined });

const noRow = (label: string, operation: string): FieldFileError =>
  new FieldFileError(
    'invalid-argument',
    `${label} is no row's yet: assign it to a row's field first (${operation}).`,
    {
      operation,
    },
  );
