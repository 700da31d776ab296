import { FieldFileError } from '@fieldfile/core';
import { type Columns, rowChanges, uploadOrUndo } from '@fieldfile/core/binding';
import type { Args } from './client.ts';
import { draftOf } from './file-arguments.ts';
import type { AnyField, ModelFiles } from './model-files.ts';
import { rowsOf, type WrittenColumn } from './written-columns.ts';

/** Rows that one statement removes, each with a condition of its own. */
const CHUNK = 200;

/** Whether an operation is about rows that its condition finds. */
export const isBulk = (operation: string): boolean => /^(update|delete)Many/.test(operation);

/** Arguments of a `delete` or `deleteMany` that hit rows only as they were found. */
export function removals(operation: string, args: Args, files: ModelFiles, olds: readonly Columns[]): Args[] {
  const fields = Object.values(files.fields);
  const [old] = olds;
  if (!isBulk(operation)) return old ? [unchanged(args, namesOf(fields, old))] : [args];
  const statements: Args[] = [];
  for (let start = 0; start < olds.length; start += CHUNK) {
    const rows = olds.slice(start, start + CHUNK);
    statements.push({ where: { OR: rows.map(row => ({ ...files.keyOf(row), ...namesOf(fields, row) })) } });
  }
  return statements;
}

/** What rows must still have, by which they were found: their keys, and the files that are removed or replaced. */
export function expected(
  files: ModelFiles,
  removes: boolean,
  columns: readonly WrittenColumn[],
  olds: readonly Columns[],
): Columns[] {
  const fields = removes ? Object.values(files.fields) : columns.map(({ field }) => field);
  return olds.map(old => ({
    ...files.keyOf(old),
    ...namesOf(fields, old),
    ...(removes ? {} : assignedTo(columns)),
  }));
}

/** Arguments of an `update` that hit its row only as it was found, or as the row object knew it that was assigned to. */
export function updateOf(args: Args, columns: readonly WrittenColumn[], old: Columns | undefined): Args {
  if (!old) return args;
  const fields = columns.map(({ field }) => field);
  return unchanged(args, { ...namesOf(fields, old), ...assignedTo(columns) });
}

/** The files that row objects knew, to which others were assigned. */
const assignedTo = (columns: readonly WrittenColumn[]): Args =>
  Object.assign({}, ...columns.map(({ given }) => (given.draft ? {} : rowChanges(given.row).expect)));

/** An `updateMany` row by row: each gets an object of its own. The first gets what was given, which is stored for that. */
export async function updatesOf(
  { limit: _, ...args }: Args,
  files: ModelFiles,
  columns: readonly WrittenColumn[],
  olds: readonly Columns[],
): Promise<{ columns: WrittenColumn[]; statement: Args }[]> {
  await uploadOrUndo(rowsOf(columns));
  const fields = columns.map(({ field }) => field);
  return olds.map((old, index) => {
    const data = { ...(args.data as Args) };
    const own = columns.map(column => {
      const { given, field } = column;
      return { ...column, data, given: index === 0 ? given : draftOf(field, field.of(given.row as never)) };
    });
    const where = { ...files.keyOf(old), ...namesOf(fields, old) };
    return { columns: own, statement: { ...args, where, data } };
  });
}

/** The results of all statements as one. @throws `conflict` where fewer rows were hit than there were. */
export function combined(operation: string, results: readonly unknown[], expected: number): unknown {
  const returned = operation.endsWith('AndReturn') ? results.flat() : undefined;
  const counts = results as readonly { readonly count: number }[];
  const count = returned?.length ?? counts.reduce((sum, result) => sum + result.count, 0);
  if (count === expected) return returned ?? { count };
  throw new FieldFileError(
    'conflict',
    `Of ${expected} rows ${expected - count} were changed or removed meanwhile: nothing was written.`,
    { operation, retryable: true },
  );
}

/** @throws `invalid-argument` where a file that was assigned to one row is given to another. */
export function refuseOthers(columns: readonly WrittenColumn[], old: Columns | undefined): void {
  for (const { given, files, field } of columns) {
    if (given.draft || (old && keyText(files, given.row) === keyText(files, old))) continue;
    throw new FieldFileError(
      'invalid-argument',
      `A file that was assigned to another row was given for ${field.name}: file(content, name) makes one for this row.`,
      { operation: 'write' },
    );
  }
}

/** Dates to the millisecond, and bytes, which `String` would not tell apart. */
const keyText = (files: ModelFiles, row: Columns): string =>
  JSON.stringify(files.keyOf(row), (_, value) => (typeof value === 'bigint' ? `${value}n` : value));

const namesOf = (fields: readonly AnyField[], row: Columns): Args =>
  Object.fromEntries(fields.map(({ name }) => [name, row[name]]));

function unchanged(args: Args, names: Args): Args {
  const where = args.where as Args;
  return { ...args, where: { ...where, AND: [where.AND ?? [], names].flat() } };
}
