import { type FieldFile, FieldFileError, type FileInput, upload } from '@fieldfile/core';
import { type Columns, OWNER } from '@fieldfile/core/binding';
import { draftRow } from './draft-rows.ts';
import type { AnyField } from './model-files.ts';

/** Makes arguments of one file column, as `db.$file.user.avatar`. */
export interface FileArgument<Field = AnyField> {
  /** For `sweep`, `byKey` and `revive`; rows that Prisma gives show their file themselves. */
  readonly field: Field;
  /**
   * What stands for a file in the arguments of one call. A file that was assigned by `set` is that row's; another
   * row's file is copied.
   *
   * @throws `invalid-argument`, `not-accepted` and `too-large` as far as they can be told now.
   */
  (input: FileInput): string;
  /** Stores the file first, so that a transaction need not wait for its bytes. */
  upload(input: FileInput): Promise<string>;
  /** Assigns to a row's file: shown as pending until a call writes `db.$file.user.avatar(user.avatar)`. */
  set(row: object, input: FileInput): void;
}

/** A file on its way into the arguments of a call. */
export interface GivenFile {
  readonly field: AnyField;
  /** The row that was assigned to, or a draft of its own: nobody's yet. */
  readonly row: Columns;
  readonly draft: boolean;
  /** What stands for it. */
  token?: string;
}

/**
 * Files that were made arguments. Prisma copies arguments deeply, which only texts survive: so a text stands for a
 * file, made of random so that none that comes from outside does.
 */
export class FileArguments {
  readonly #given = new Map<string, GivenFile>();

  /** @throws `invalid-argument` for any other text: out of a request it could name another row's file. */
  get(field: AnyField, value: string, label: string): GivenFile {
    const given = this.#given.get(value);
    if (given?.field === field) return given;
    throw new FieldFileError(
      'invalid-argument',
      `${label} cannot take the text ${JSON.stringify(value)}: give what $file made of a file for this column and one ` +
        'call, or null. adopt(name) takes an object that is there on purpose.',
      { operation: 'write', field: label },
    );
  }

  forget(given: Iterable<GivenFile>): void {
    for (const { token } of given) if (token) this.#given.delete(token);
  }

  of(field: AnyField): FileArgument {
    const given = (input: FileInput): GivenFile => {
      const row = assignedRow(field, input);
      return row ? { field, row, draft: false } : draftOf(field, input);
    };
    const keep = (file: GivenFile): string => {
      file.token = `fieldfile:${crypto.randomUUID()}`;
      this.#given.set(file.token, file);
      return file.token;
    };
    return Object.assign((input: FileInput) => keep(given(input)), {
      field,
      async upload(input: FileInput): Promise<string> {
        const file = given(input);
        await upload(file.row);
        return keep(file);
      },
      set: (row: object, input: FileInput) => field.set(ownerOf(row, field) as never, input),
    });
  }
}

/** A row of its own for a file that no row has yet. */
export function draftOf(field: AnyField, input: FileInput): GivenFile {
  return { field, row: draftRow(field, input), draft: true };
}

/** The row that a file was assigned to. */
function assignedRow(field: AnyField, input: FileInput): Columns | undefined {
  const { pending, owner } = (input ?? {}) as Partial<FieldFile>;
  return pending && owner && field.get(owner) === input ? (owner as Columns) : undefined;
}

/** The row behind the proxies that Prisma makes of it: one for every extended column, and one around them. */
function ownerOf(row: object, field: AnyField): object {
  void (row as Columns)[field.name]; // its first touch shows it
  return (row as { readonly [OWNER]?: object })[OWNER] ?? row;
}
