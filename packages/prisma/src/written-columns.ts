import { FieldFileError } from '@fieldfile/core';
import { type Columns, rowChanges } from '@fieldfile/core/binding';
import { type Args, type Connection, type Models, propertyOf } from './client.ts';
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
    for (const written of writtenRows(known.schema, { model, data: row, created: isCreate(action) })) {
      const files = known.models.get(written.model);
      for (const field of Object.values(files?.fields ?? {})) {
        const given = files && givenFile(known, written, field, files.emptyOf(field.name));
        if (!files || !given) continue;
        if (columns.some(column => column.given === given)) throw usedTwice(label(written, field));
        columns.push({ field, files, data: written.data, nested: written.nested !== undefined, given });
      }
    }
  return columns;
}

/**
 * Writes the default or the empty text into the file columns of new rows that were given no file, where a field says so.
 *
 * @param data of the call: ours to change.
 */
export function fillColumns(known: Known, model: string, action: string, data: unknown): void {
  for (const row of [data].flat().filter(isObject))
    for (const written of writtenRows(known.schema, { model, data: row, created: isCreate(action) })) {
      const files = known.models.get(written.model);
      if (!files || !written.created) continue;
      const { data } = written;
      for (const name of Object.keys(files.fields)) {
        const value = data[name] === undefined ? files.initialOf(name) : (data[name] ?? files.emptyOf(name));
        if (value !== undefined) data[name] = value;
      }
    }
}

const isCreate = (action: string): boolean => action.startsWith('create');

function givenFile(known: Known, row: WrittenRow, field: AnyField, empty: null | ''): GivenFile | undefined {
  const { data, created, nested } = row;
  const column = data[field.name];
  const value = isObject(column) && 'set' in column ? column.set : column;
  if (value === undefined || isOfPrisma(value)) return undefined;
  const isNone = value === null || value === empty;
  const isDefault = created && value === known.models.get(row.model)?.initialOf(field.name);
  if ((isNone && created) || isDefault) return undefined;
  if (nested === 'perhaps') throw unsure(label(row, field));
  if (isNone) return draftOf(field, null);
  if (typeof value === 'string') return known.given.get(field, value, label(row, field));
  throw noArgument(row, field);
}

/** A value of a class, as `Prisma.skip`: Prisma takes or refuses it. Of other classes it has made plain objects. */
const isOfPrisma = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !isObject(value) && !Array.isArray(value);

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

/** Shows in drafts the keys of new rows, where a field's work is handed on with them: a call's result has few of them. */
export async function showKeys(connection: Connection, columns: readonly WrittenColumn[]): Promise<void> {
  for (const { field, files, given, data } of columns) {
    const name = data[field.name];
    if (!given.draft || typeof name !== 'string' || !files.handsOn(field.name) || files.keyOf(given.row))
      continue;
    const rows = await connection.run<Columns[]>(
      files.delegate.findMany({ where: { [field.name]: name }, select: files.select }),
    );
    const key = files.keyOf(rows.find(row => row[field.name] === name) ?? {});
    Object.assign(given.row, key);
  }
}

const label = ({ model }: WrittenRow, field: AnyField): string => `${model}.${field.name}`;

const noArgument = (row: WrittenRow, field: AnyField): FieldFileError =>
  new FieldFileError(
    'invalid-argument',
    `${label(row, field)} was given something else than a text: Prisma copies arguments, and no file survives that. Give ` +
      `$file.${propertyOf(row.model)}.${field.name}(input), where input is a web File, file(content, name) or another row's ` +
      'file; null clears it; leave it out for what it has ({ ...row } has it).',
    { operation: 'write', field: label(row, field) },
  );

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
