import { reported } from '@fieldfile/storage/internal';
import type { DeclaredField } from '../field/declared-field.ts';
import { jsonKey, type RowKey } from '../field/row-key.ts';
import type { SqlExecutor } from '../journal/sql.ts';

/**
 * Tells a field's `enqueue` that a row has that file from now on, as far as its transaction commits.
 *
 * @param name as the row has it now: the handle may show another one still.
 * @returns what is to be done after the commit, which never throws. Each attempt of a transaction has its own.
 * @throws what `enqueue` throws: the row must not be committed then.
 */
export async function handOn(
  field: DeclaredField,
  name: string,
  key: RowKey | undefined,
  execute: SqlExecutor | undefined,
): Promise<() => Promise<void>> {
  const waiting: (() => void | Promise<void>)[] = [];
  const job = { model: field.model.name, field: field.name, name, key: key ? jsonKey(key) : null };
  await field.enqueue?.(job, {
    ...(execute ? { execute } : {}),
    afterCommit: work => void waiting.push(work),
  });
  return async () => {
    for (const work of waiting) await reported(async () => work());
  };
}
