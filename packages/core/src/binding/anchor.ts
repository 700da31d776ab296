import { FieldFileError } from '@fieldfile/storage';
import type { SqlDialectName } from '../journal/dialect.ts';
import type { SqlExecutor } from '../journal/sql.ts';

/**
 * Tells whether a transaction is still the one that was begun. A server may end one by itself: MySQL and MariaDB to break a
 * deadlock, and at a statement that changes a table; SQLite at `ON CONFLICT ROLLBACK`, and when the disk is full. Whoever
 * catches the error goes on, and what is sent from then on is committed at once.
 */
export interface Anchor<Executor> {
  /** Right after BEGIN. */
  set(executor: Executor): Promise<AnchoredTransaction>;
}

/**
 * With what the last statement on a connection failed: an error that ended its transaction, or that there is no such savepoint
 * any more. Undefined: with something else, it did not fail, or nobody can tell.
 */
type LastFailure = 'ended' | 'without-savepoint' | undefined;

export interface AnchoredTransaction {
  /**
   * Right after something failed, and before anything else is sent. Left out where nobody can tell. Never throws.
   */
  lastFailure?(): Promise<LastFailure>;
  /**
   * Right before COMMIT or ROLLBACK: whether the transaction is gone. Undefined where nobody answers: the connection is gone,
   * and nobody knows what had become of the transaction before. Never throws.
   */
  isLost(): Promise<boolean | undefined>;
}

/**
 * A savepoint, which goes with its transaction. PostgreSQL ends no transaction by itself, and needs none.
 *
 * SQLite refuses the ROLLBACK that follows where there is no transaction, and a library may keep its connection then. So it
 * is given an empty one to end.
 */
export function savepointAnchor<Executor>(
  dialect: SqlDialectName,
  execute: (on: Executor) => SqlExecutor,
): Anchor<Executor> | undefined {
  if (dialect === 'postgresql') return undefined;
  return {
    async set(executor) {
      await execute(executor)('SAVEPOINT fieldfile', []);
      const released = async (): Promise<boolean | undefined> => {
        try {
          await execute(executor)('RELEASE SAVEPOINT fieldfile', []);
          return false;
        } catch (error) {
          const isLost = isWithoutSavepoint(error);
          if (isLost && dialect === 'sqlite') await execute(executor)('BEGIN', []).catch(() => {}); // for the ROLLBACK that follows
          if (isLost || dialect === 'sqlite') return isLost; // which is in this process: a library that refuses has rolled back
          return undefined;
        }
      };
      let lost: Promise<boolean | undefined> | undefined;
      return {
        ...(dialect !== 'sqlite' && { lastFailure: () => lastFailureInMysql(execute(executor)) }),
        isLost() {
          lost ??= released();
          return lost;
        },
      };
    },
  };
}

/** The errors of the last statement are kept until the next one. */
async function lastFailureInMysql(execute: SqlExecutor): Promise<LastFailure> {
  try {
    const { rows } = await execute('SHOW ERRORS', []);
    const codes = rows.map(({ Code }) => Number(Code));
    if (codes.some(code => code === 1213 || code === 1020)) return 'ended';
    if (codes.includes(1305)) return 'without-savepoint';
    if (!codes.includes(1205)) return undefined;
    const timeouts = await execute('SELECT @@innodb_rollback_on_timeout AS found', []);
    return Number(timeouts.rows[0]?.found) === 1 ? 'ended' : undefined; // else the transaction goes on
  } catch {
    return undefined; // the connection is lost
  }
}

/** MySQL's and MariaDB's 1305 (their messages are translated), and what SQLite says. */
export function isWithoutSavepoint(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { errno, code } = cause as { readonly errno?: unknown; readonly code?: unknown };
    if (errno === 1305 || code === 'ER_SP_DOES_NOT_EXIST') return true;
    if (/no such savepoint|\b1305\b/.test(cause.message)) return true;
  }
  return false;
}

/** What the caller of a transaction gets that the database has ended by itself. */
export const transactionLost = (cause?: unknown): FieldFileError =>
  new FieldFileError(
    'transaction-lost',
    'The database ended this transaction by itself, as it does to break a deadlock or when a table is changed, and the work ' +
      'went on: what it wrote before may be lost, and what it wrote afterwards may be committed. No object was touched; ' +
      'recover() finishes what the rows tell. Do not catch such an error inside a transaction: roll back, and try again.',
    { operation: 'transaction', applied: 'unknown', cause },
  );
