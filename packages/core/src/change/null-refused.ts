import { FieldFileError, isFieldFileError } from '@fieldfile/storage';

/** As PostgreSQL, SQLite, MySQL and the libraries on them say that a column takes no null. */
const REFUSED = /not[ -]?null|null constraint|(must not|cannot|can't) be null|null value/i;

/** The error itself, or, where columns beside a file's name refused to be null, one that says what to do. */
export function nullRefused(error: unknown, field: string, columns: readonly string[]): unknown {
  if (isFieldFileError(error) || columns.length === 0 || !isRefusal(error)) return error;
  return new FieldFileError(
    'invalid-argument',
    `The columns beside ${field} (${columns.join(', ')}) must take null: they tell nothing while the bytes are replaced. ` +
      'Make them nullable, or use save. Nothing was written.',
    { operation: 'replace', field, cause: error },
  );
}

function isRefusal(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (REFUSED.test(cause.message)) return true;
  return false;
}
