/** PostgreSQL's, and MariaDB's. */
const DEADLOCKS: readonly unknown[] = ['40P01', 1213];
const UNREACHABLE: readonly unknown[] = [
  'PROTOCOL_CONNECTION_LOST',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT', // its socket is gone
  'EPIPE',
];

/** Whether the database gave a transaction up for the sake of another. */
export const isDeadlock = (error: unknown): boolean => has(error, DEADLOCKS);

/** Whether the database did not answer. mysql2 gives no code for a connection that it has seen end before. */
export const isUnreachable = (error: unknown): boolean =>
  has(error, UNREACHABLE) ||
  (error instanceof Error && error.message.includes('connection is in closed state'));

function has(error: unknown, codes: readonly unknown[]): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, errno } = cause as { readonly code?: unknown; readonly errno?: unknown };
    if (codes.includes(code) || codes.includes(errno)) return true;
  }
  return false;
}
