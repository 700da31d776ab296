/**
 * A COMMIT that fails with these was a rollback: constraints (class 23), a statement that failed before (25P02), conflicts
 * (class 40, but for 40003: "completion unknown"), a busy SQLite.
 */
const REFUSED = /^(23...|25P02|40(?!003)...|SQLITE_CONSTRAINT.*|SQLITE_BUSY.*)$/;
const DEADLOCK = /^(40001|40P01)$/;
/** MySQL's own: a lock was not got in time. */
const WAITED = '1205';
const RETRYABLE = /^(40001|40P01|1205|SQLITE_BUSY.*)$/;
/** With these the database may roll back the whole transaction. */
const ROLLED_BACK = /^(40...|1205|SQLITE_(BUSY|CONSTRAINT|FULL|INTERRUPT|IOERR|NOMEM).*)$/;

/** Whether a COMMIT that failed with this was a rollback. Else it has no verdict. */
export const wasRefused = (error: unknown): boolean => codesOf(error).some(code => REFUSED.test(code));

/** Whether the database asks for another attempt. */
export const isRetryable = (error: unknown): boolean => codesOf(error).some(code => RETRYABLE.test(code));

/**
 * Whether the database gave one transaction up for the sake of another. Not a lock that was waited for in vain: whoever
 * tries that again may wait as long once more.
 */
export const isDeadlock = (error: unknown): boolean =>
  !codesOf(error).includes(WAITED) && codesOf(error).some(code => DEADLOCK.test(code));

/** Whether a statement that failed with this may have taken its transaction with it. */
export const mayEndTransaction = (error: unknown): boolean =>
  codesOf(error).some(code => ROLLED_BACK.test(code));

/** What the driver said, which libraries wrap: an SQLSTATE, or SQLite's name. */
function codesOf(error: unknown): string[] {
  const codes: unknown[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, errcode, errno, sqlState } = cause as {
      readonly code?: unknown;
      readonly errcode?: unknown;
      readonly errno?: unknown;
      readonly sqlState?: unknown;
    };
    codes.push(code, sqlState, MYSQL_STATES.get(Number(errno)), MYSQL_STATES.get(Number(code)));
    if (typeof errcode === 'number') codes.push(SQLITE_CODES.get(errcode & 0xff));
  }
  return codes.filter(code => typeof code === 'string');
}

/** node:sqlite gives SQLite's own number. */
const SQLITE_CODES: ReadonlyMap<number, string> = new Map([
  [5, 'SQLITE_BUSY'],
  [7, 'SQLITE_NOMEM'],
  [9, 'SQLITE_INTERRUPT'],
  [10, 'SQLITE_IOERR'],
  [13, 'SQLITE_FULL'],
  [19, 'SQLITE_CONSTRAINT'],
]);

/** A row that changed since it was read, a deadlock, and a lock that was not got in time: MySQL asks to try again. */
const MYSQL_STATES: ReadonlyMap<number, string> = new Map([
  [1020, '40001'],
  [1213, '40001'],
  [1205, WAITED],
]);
