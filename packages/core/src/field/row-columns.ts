import type { Digest, ObjectInfo } from '@fieldfile/storage';
import type { ColumnValues } from '../binding/binding.ts';
import { type ComputedValues, computedColumns } from './computed-columns.ts';
import type { DeclaredField } from './declared-field.ts';
import type { FileState } from './file-state.ts';
import type { NamedContent } from './named-content.ts';
import type { Description } from './offered.ts';

/** How the text of a digest column begins, as in Subresource Integrity: written with the file, read to verify it. */
const DIGEST = 'sha256-';

/** The size as the live row has it, where it has a column for it. */
export function sizeColumn(file: FileState): number | undefined {
  const value = beside(file, file.field.columns.size);
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

/** The digest as the live row has it, where it has a column for it. */
export function digestColumn(file: FileState): Digest | undefined {
  return digestIn(beside(file, file.field.columns.digest));
}

/** What a digest column holds. */
export function digestIn(value: unknown): Digest | undefined {
  if (typeof value !== 'string' || !value.startsWith(DIGEST)) return undefined;
  return { algorithm: 'sha256', base64: value.slice(DIGEST.length) };
}

/** What is known of content once it is stored. */
export function describedBy(
  named: NamedContent,
  info: ObjectInfo,
  computed: ComputedValues | undefined,
): Description {
  return {
    sizeBytes: info.sizeBytes,
    contentType: named.contentType ?? info.contentType ?? null,
    originalName: named.originalName,
    sha256: info.digest?.base64 ?? null,
    computed,
  };
}

/** The name and the columns kept beside it. */
export function columnValues(
  { name: column, columns, computed: computing }: DeclaredField,
  name: string,
  { sizeBytes, contentType, originalName, sha256, computed }: Description,
): ColumnValues {
  const values: Record<string, string | number | null> = { [column]: name };
  if (columns.size) values[columns.size] = sizeBytes;
  if (columns.contentType) values[columns.contentType] = contentType;
  if (columns.originalName) values[columns.originalName] = originalName;
  if (columns.digest) values[columns.digest] = sha256 === null ? null : DIGEST + sha256;
  return { ...values, ...computedColumns(computing, computed) };
}

/** Shows columns in memory. A frozen row is left as it is: the handle knows better. */
export function showColumns(file: FileState, owner: object | undefined, values: ColumnValues): void {
  const { field } = file;
  file.value = (values[field.name] as string | null) || null;
  if (!owner) return;
  field.showColumns(owner, values);
  file.seen = field.column(owner);
}

/** A column beside the name, where it is true of the file that the handle has: the row may show another one by now. */
function beside({ change, ref, field, value }: FileState, column: string | undefined): unknown {
  if (!column || (change && change.kind !== 'staged')) return undefined;
  const row = ref.deref();
  if (!row || field.column(row) !== value) return undefined;
  return (row as Readonly<Record<string, unknown>>)[column];
}
