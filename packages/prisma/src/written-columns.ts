import { FieldFileError } from '@fieldfile/core';
import { type Columns, rowChanges } from '@fieldfile/core/binding';
import type { Args, Models } from './client.ts';
import { draftOf, type FileArguments, type GivenFile } from './file-arguments.ts';
import type { AnyField, ModelFiles } from './model-files.ts';
import { isObject, type WrittenRow, writtenRows } from './written-rows.ts';

/** A file column that a call writes. */
export interface WrittenColumn {
  readonly field: AnyField;
  readonly files: ModelFiles;
  /** The row's columns in the call's arguments. */
  readonly data: Args;
  readonly nested: boolean;
  readonly given: GivenFile;
}

/** What is known of a client's models. */
export interface Known {
  readonly models: ReadonlyMap<string, ModelFiles>;
  readonly schema: Models;
  readonly given: FileArguments;
}

/**
 * The file columns among the arguments of a call.
 *
 * @throws `invalid-argument` for a bare text; `unsupported` where nobody tells which file the row has;
 * `content-consumed` where two rows are given one file.
 */
export function writtenColumns(known: Known, model: string, action: string, data: unknown): WrittenColumn[] {
  const columns: WrittenColumn[] = [];
  for (const row of [data].flat().filter(isObject))
    for (const written of writtenRows(known.schema, { model, data: row })) {
      const files = known.models.get(written.model);
      for (const field of Object.values(files?.fields ?? {})) {
        const given = givenFile(known, written, field, action);
        if (!files || !given) continue;
        if (columns.some(column => column.given === given)) throw usedTwice(label(written, field));
        columns.push({ field, files, data: written.data, nested: written.nested !== undefined, given });
      }
    }
  return columns;
}

function givenFile(known: Known, row: WrittenRow, field: AnyField, action: string): GivenFile | undefined {
  const { data, nested } = row;
  const column = data[field.name];
  const value = isObject(column) ? column.set : column;
  if (value !== null && typeof value !== 'string') return undefined;
  if (nested === 'perhaps') throw unsure(label(row, field));
  if (value !== null) return known.given.get(field, value, label(row, field));
  return nested || action.startsWith('create') ? undefined : draftOf(field, null);
}

/** The row objects of these columns: one may have several. */
export const rowsOf = (columns: readonly WrittenColumn[]): Columns[] => [
  ...new Set(columns.map(({ given }) => given.row)),
];

/** Shows new rows' columns in their drafts: paths may be made of them. @param old the row as it is, where one is updated. */
export function describeRows(columns: readonly WrittenColumn[], old: Columns = {}): void {
  for (const { given, files, data, nested } of columns)
    for (const [name, value] of Object.entries({ ...(nested ? {} : old), ...data }))
      if (given.draft && !(name in files.fields) && !isObject(value)) given.row[name] = value;
}

/**
 * Puts names, and what is kept beside them, in the place of what stood for the files.
 *
 * @throws `content-consumed` where a file is another row's by now.
 */
export function placeNames(columns: readonly WrittenColumn[]): void {
  for (const { field, given, data } of columns) {
    const { values } = rowChanges(given.row);
    if (!(field.name in values)) throw usedTwice(field.name);
    Object.assign(data, values);
  }
}

const label = ({ model }: WrittenRow, field: AnyField): string => `${model}.${field.name}`;

const unsure = (field: string): FieldFileError =>
  new FieldFileError(
    'unsupported',
    `${field} cannot be written here, where nobody tells which row is, nor which file it has: write it by a call of its own.`,
    { operation: 'write', field },
  );

const usedTwice = (field: string): FieldFileError =>
  new FieldFileError(
    'content-consumed',
    `One file was given to two rows (${field}): make an argument for each.`,
    { operation: 'write', field },
  );
