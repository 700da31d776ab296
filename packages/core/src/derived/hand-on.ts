import { FieldFileError } from '@fieldfile/storage';
import { reported } from '@fieldfile/storage/internal';
import type { DeclaredField } from '../field/declared-field.ts';
import type { FileReference } from '../field/field-file.ts';
import { jsonKey, type RowKey } from '../field/row-key.ts';
import type { SqlExecutor, SyncSqlExecutor } from '../journal/sql.ts';
import type { JobMoment } from './derived-options.ts';

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
<<<<<<< HEAD
): Promise<AfterCommit> {
  const { enqueue } = field;
  if (!enqueue || !name) return [];
  const { moment, waiting } = momentWith(execute ? { execute } : {});
  await enqueue(jobOf(field, name, key), moment);
  return waiting;
}

/** As `handOn`, in a transaction that cannot wait. @throws `unsupported` where `enqueue` returns a promise. */
export function handOnSync(
  field: DeclaredField,
  name: string | null,
  key: RowKey | undefined,
  executeSync: SyncSqlExecutor | undefined,
): AfterCommit {
  const { enqueue } = field;
  if (!enqueue || !name) return [];
  const { moment, waiting } = momentWith(executeSync ? { executeSync } : {});
  const answer: unknown = enqueue(jobOf(field, name, key), moment);
  if (!(answer instanceof Promise)) return waiting;
  answer.catch(() => {}); // it goes on, and is not waited for
  throw new FieldFileError(
    'unsupported',
    `The transaction of ${field.label} cannot wait for \`enqueue\`: let it return no promise, use \`executeSync\`, and give ` +
      'what has to wait to `afterCommit`. Nothing was written.',
    { operation: 'enqueue', field: field.label, applied: false },
  );
}

const jobOf = (field: DeclaredField, name: string, key: RowKey | undefined): FileReference => ({
  model: field.model.name,
  field: field.name,
  name,
  key: key ? jsonKey(key) : null,
});

function momentWith(executors: Pick<JobMoment, 'execute' | 'executeSync'>): {
  readonly moment: JobMoment;
  readonly waiting: AfterCommit;
} {
  const waiting: (() => void | Promise<void>)[] = [];
  return { moment: { ...executors, afterCommit: work => void waiting.push(work) }, waiting };
}

/** The transaction is committed. Never throws. */
export async function runAfterCommit(waiting: AfterCommit): Promise<void> {
  for (const work of waiting) await reported(async () => work());
=======
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
>>>>>>> main
}
