import { FieldFileError } from '@fieldfile/storage';

/** A row's primary key: column → value, in the order of the key's columns. */
export type RowKey = Readonly<Record<string, unknown>>;

/**
 * A key that came from outside, as a binding may see it: exactly the key's columns, each with one value. Anything else
 * (`{ id: { gt: 0 } }`, a column too few) could be a condition that other rows meet.
 *
 * @param columns of the key, where they are known.
 * @throws `invalid-argument`.
 */
export function checkedKey(
  field: string,
  operation: string,
  key: unknown,
  columns: readonly string[] | undefined,
): RowKey {
  const given = isPlain(key) ? Object.keys(key) : [];
  const expected = columns ?? given;
  const complete = given.length === expected.length && expected.every(column => given.includes(column));
  const values = expected.map(column => (isPlain(key) ? scalarOf(key[column]) : undefined));
  if (complete && given.length > 0 && values.every(value => value !== undefined))
    return Object.fromEntries(expected.map((column, index) => [column, values[index]]));
  throw new FieldFileError(
    'invalid-argument',
    `${field}: ${describeKey(key)} is no key (${operation}). Give exactly ${columns ? `its columns (${columns.join(', ')})` : 'its columns'}, ` +
      'each a text, number, bigint, Date or Uint8Array.',
    { operation, field },
  );
}

/** A key as JSON can carry it; `checkedKey` reads it again. The key itself where nothing needs it. */
export function jsonKey(key: RowKey): RowKey {
  return Object.fromEntries(Object.entries(key).map(([column, value]) => [column, jsonValue(value)]));
}

export const isJsonKey = (key: RowKey): boolean =>
  Object.values(key).every(value => jsonValue(value) === value);

/** For messages: never more than a line. */
export function describeKey(key: unknown): string {
  const text =
    JSON.stringify(key, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)) ?? String(key);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function jsonValue(value: unknown): unknown {
  if (typeof value === 'bigint') return { bigint: String(value) };
  if (value instanceof Date) return { date: value.toISOString() };
  if (value instanceof Uint8Array) return { base64: btoa(String.fromCharCode(...value)) };
  return value;
}

/** Undefined: no single value. */
function scalarOf(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value;
  if (value instanceof Uint8Array) return value;
  return isPlain(value) ? fromJson(value) : undefined;
}

function fromJson(value: Readonly<Record<string, unknown>>): unknown {
  const [[kind, text] = [], ...others] = Object.entries(value);
  if (others.length > 0 || typeof text !== 'string') return undefined;
  if (kind === 'bigint' && /^-?\d+$/.test(text)) return BigInt(text);
  if (kind === 'date' && !Number.isNaN(Date.parse(text))) return new Date(text);
  if (kind === 'base64' && /^[A-Za-z\d+/]*={0,2}$/.test(text) && text.length % 4 === 0)
    return Uint8Array.from(atob(text), character => character.charCodeAt(0));
  return undefined;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
