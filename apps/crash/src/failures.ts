import { isFieldFileError } from '@fieldfile/core';

/** PostgreSQL's, and MariaDB's. */
const DEADLOCKS: readonly unknown[] = ['40P01', 1213];
/** PostgreSQL's word for each statement after the one that failed. */
const ABORTED: readonly unknown[] = ['25P02'];

/** Whether the database gave a transaction up for the sake of another. */
export const isDeadlock = (error: unknown): boolean => has(error, DEADLOCKS);

/** What other work of a transaction fails with that the database gave up. */
export const followsDeadlock = (error: unknown): boolean =>
  has(error, ABORTED) || isFieldFileError(error, 'transaction-lost');

function has(error: unknown, codes: readonly unknown[]): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, errno } = cause as { readonly code?: unknown; readonly errno?: unknown };
    if (codes.includes(code) || codes.includes(errno)) return true;
  }
  return false;
}
