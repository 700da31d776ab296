import type { CallOptions } from '@fieldfile/storage';
import { compareUtf8 } from '@fieldfile/storage/backend';
import type { Field } from '../field/field.ts';
import type { RowKey } from '../field/row-key.ts';
import { Cursor } from './cursor.ts';

/** A name as a row has it. */
export interface RowName {
  readonly name: string;
  readonly field: Field;
  readonly key: RowKey;
}

/** Names to look at. */
export interface NameRange {
  readonly prefix: string;
  readonly after: string | undefined;
}

const PAGE = 250;

/** The names that rows of one field have, ascending by UTF-8 bytes; one name may come several times. */
export function rowNames(field: Field, range: NameRange, options: CallOptions): Cursor<RowName> {
  return new Cursor(pages(field, range, options), row => row.name, `The rows of ${field.label}`, false);
}

async function* pages(
  field: Field,
  { prefix, after }: NameRange,
  options: CallOptions,
): AsyncGenerator<readonly RowName[], void, undefined> {
  const { binding } = field.model;
  let last = after ?? before(prefix);
  while (binding) {
    const page = await binding.names(field.name, {
      ...options,
      limit: PAGE,
      ...(last === undefined ? {} : { after: last }),
    });
    const wanted = prefix === '' ? page : page.filter(({ name }) => name.startsWith(prefix));
    yield wanted.map(({ name, key }) => ({ name, field, key }));
    last = page.at(-1)?.name;
    const beyond = last !== undefined && compareUtf8(last, prefix) > 0 && !last.startsWith(prefix);
    if (page.length < PAGE || beyond) return;
  }
}

/** A name that everything with the prefix comes after: the prefix without its last character. */
const before = (prefix: string): string | undefined => [...prefix].slice(0, -1).join('') || undefined;
