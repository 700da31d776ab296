import { isFieldFileError } from '@fieldfile/core';

/** PostgreSQL's, and MariaDB's. */
const DEADLOCKS: readonly unknown[] = ['40P01', 1213];
/** PostgreSQL's word for each statement after the one that failed. */
const ABORTED: readonly unknown[] = ['25P02'];
const UNREACHABLE: readonly unknown[] = [
  'PROTOCOL_CONNECTION_LOST',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT', // its socket is gone
  'EPIPE',
];

/** Whether the database gave a transaction up for the sake of another. */
export const isDeadlock = (error: unknown): boolean => has(error, DEADLOCKS);

/** What other work of a transaction fails with that the database gave up. */
export const followsDeadlock = (error: unknown): boolean =>
  has(error, ABORTED) || isFieldFileError(error, 'transaction-lost');

/** Whether the database did not answer. mysql2 gives no code for a connection that it has seen end before. */
export const isUnreachable = (error: unknown): boolean =>
  has(error, UNREACHABLE) ||
  causesOf(error).some(({ message }) => message.includes('connection is in closed state'));

function has(error: unknown, codes: readonly unknown[]): boolean {
  return causesOf(error).some(({ code, errno }) => codes.includes(code) || codes.includes(errno));
}

interface DriverError extends Error {
  readonly code?: unknown;
  readonly errno?: unknown;
}

/** The error, what it is an answer to, and so on. */
function causesOf(error: unknown): DriverError[] {
  const causes: DriverError[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) causes.push(cause);
  return causes;
}
