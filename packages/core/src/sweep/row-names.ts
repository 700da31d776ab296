import type { RowKey } from '../binding/binding.ts';
import type { Field } from '../field/field.ts';
import { compareUtf8 } from '../names/utf8-order.ts';
import type { CallOptions } from '../storage/backend.ts';
import { inOrder } from './in-order.ts';

/** A name as a row has it. */
export interface RowName {
  readonly name: string;
  readonly field: Field;
  readonly key: RowKey;
}

const PAGE = 1000;

/** The names that rows of these fields have, ascending by UTF-8 bytes; one name may come several times. */
export async function* rowNames(
  fields: readonly Field[],
  range: { readonly prefix: string; readonly after: string | undefined },
  options: CallOptions,
): AsyncGenerator<RowName, void, undefined> {
  const lists = fields.map(field => namesOf(field, range, options));
  const heads = await Promise.all(lists.map(list => list.next()));
  try {
    for (;;) {
      let least: RowName | undefined;
      let from = -1;
      heads.forEach(({ done, value }, index) => {
        if (done || (least && compareUtf8(value.name, least.name) >= 0)) return;
        least = value;
        from = index;
      });
      const list = lists[from];
      if (!least || !list) return;
      yield least;
      heads[from] = await list.next();
    }
  } finally {
    await Promise.all(lists.map(list => list.return()));
  }
}

function namesOf(
  field: Field,
  range: { readonly prefix: string; readonly after: string | undefined },
  options: CallOptions,
): AsyncGenerator<RowName, void, undefined> {
  return inOrder(pages(field, range, options), row => row.name, `The rows of ${field.label}`, false);
}

async function* pages(
  field: Field,
  { prefix, after }: { readonly prefix: string; readonly after: string | undefined },
  options: CallOptions,
): AsyncGenerator<RowName, void, undefined> {
  const { binding } = field.model;
  // What begins with the prefix begins after it, or is it.
  let last = after ?? (prefix === '' ? undefined : justBefore(prefix));
  while (binding) {
    const page = await binding.names(field.name, {
      ...options,
      limit: PAGE,
      ...(last === undefined ? {} : { after: last }),
    });
    for (const { name, key } of page) {
      if (name.startsWith(prefix)) yield { name, field, key };
      else if (compareUtf8(name, prefix) > 0) return;
    }
    if (page.length < PAGE) return;
    last = page.at(-1)?.name;
  }
}

/** A text that everything with the prefix comes after: the prefix without its last character. */
const justBefore = (prefix: string): string | undefined => {
  const shorter = [...prefix].slice(0, -1).join('');
  return shorter === '' ? undefined : shorter;
};
