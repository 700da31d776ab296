import {
  deadlock,
  deadlockTable,
  type MariadbServer,
  mariadbMissing,
  startMariadb,
} from '@fieldfile/test-servers/mariadb';
import mysql, { type Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { savepointAnchor } from '../src/binding/anchor.ts';
import { failureOf } from '../src/binding/attempt.ts';
import { isRetryable } from '../src/binding/refusals.ts';

const missing = mariadbMissing();

const TABLES = [
  ...deadlockTable,
  'CREATE TABLE rows_of (id integer PRIMARY KEY, n integer)',
  'INSERT INTO rows_of VALUES (1, 0), (2, 0)',
];

/** Which failures of a statement MariaDB ends the whole transaction with, and what is known of it then. */
describe.skipIf(missing)(`transactions of MariaDB${missing ? ` (${missing})` : ''}`, () => {
  let server: MariadbServer;
  let pool: mysql.Pool;
  let open: () => Promise<Connection>;

  async function connect(started: MariadbServer): Promise<void> {
    server = started;
    const database = await server.createDatabase();
    pool = mysql.createPool({ ...database, connectionLimit: 5 });
    open = () => mysql.createConnection(database);
    for (const statement of TABLES) await pool.query(statement);
  }
  async function disconnect(): Promise<void> {
    await pool.end();
    await server[Symbol.asyncDispose]();
  }
  beforeAll(async () => connect(await startMariadb()));
  afterAll(disconnect);

  /** @returns whether the transaction was lost, what the last statement failed with, and what a rollback by it means. */
  async function after(work: (connection: Connection) => Promise<unknown>, before: readonly string[] = []) {
    const connection = await open();
    connection.on('error', () => {}); // where it is killed
    for (const statement of before) await connection.query(statement);
    await connection.query('BEGIN');
    const anchor = savepointAnchor<Connection>('mariadb', on => async sql => {
      await on.query(sql);
      return { rows: [] };
    });
    const anchored = await anchor?.set(connection);
    await connection.query('UPDATE rows_of SET n = n + 1 WHERE id = 1');
    const failure = await work(connection).then(
      () => undefined,
      (error: unknown) => error,
    );
    const lost = await anchored?.isLost();
    connection.destroy();
    return {
      lost,
      errno: (failure as { readonly errno?: unknown } | undefined)?.errno,
      thrown: failureOf(failure, lost).outcome,
      retryable: isRetryable(failure),
    };
  }

  /** A row that another transaction has locked. */
  async function locked(work: () => Promise<unknown>): Promise<unknown> {
    const other = await open();
    await other.query('BEGIN');
    await other.query('SELECT n FROM rows_of WHERE id = 2 FOR UPDATE');
    try {
      return await work();
    } finally {
      other.destroy();
    }
  }

  const WAITS = 'UPDATE rows_of SET n = n + 1 WHERE id = 2';

  test('a deadlock ends it', async () => {
    expect(await after(on => deadlock(pool, text => on.query(text)))).toEqual({
      ...{ lost: true, errno: 1213, thrown: 'rolled-back', retryable: true },
    });
  });

  test('a statement that changes a table ends it without an error', async () => {
    expect(await after(on => on.query('CREATE TABLE IF NOT EXISTS changed (id integer)'))).toMatchObject({
      ...{ lost: true, errno: undefined, thrown: 'unknown' },
    });
  });

  test('a COMMIT in raw SQL ends it without an error', async () => {
    expect(await after(on => on.query('COMMIT'))).toMatchObject({ lost: true, thrown: 'unknown' });
  });

  test('a lock that was waited for in vain leaves it as it is', async () => {
    const before = ['SET SESSION innodb_lock_wait_timeout = 1'];
    expect(await after(on => locked(() => on.query(WAITS)), before)).toEqual({
      ...{ lost: false, errno: 1205, thrown: 'rolled-back', retryable: true },
    });
  });

  test('a statement that took too long leaves it as it is', async () => {
    const before = ['SET SESSION max_statement_time = 0.1'];
    expect(await after(on => locked(() => on.query(WAITS)), before)).toMatchObject({
      ...{ lost: false, errno: 1969, thrown: 'rolled-back' },
    });
  });

  test('a statement that was killed leaves it as it is', async () => {
    const killed = async (on: Connection): Promise<unknown> =>
      locked(async () => {
        const waiting = on.query(WAITS);
        waiting.catch(() => {}); // looked at below
        for (let isWaiting = false; !isWaiting; ) {
          const [rows] = await pool.query<mysql.RowDataPacket[]>(
            'SELECT info FROM information_schema.processlist WHERE id = ?',
            [on.threadId],
          );
          isWaiting = rows[0]?.info === WAITS;
        }
        await pool.query(`KILL QUERY ${on.threadId}`);
        return waiting;
      });
    expect(await after(killed)).toMatchObject({ lost: false, errno: 1317, thrown: 'rolled-back' });
  });

  test('of a connection that was killed nobody knows what had become of it', async () => {
    const result = await after(async on => {
      await pool.query(`KILL ${on.threadId}`);
    });
    expect(result).toMatchObject({ lost: undefined, thrown: 'unknown' });
  });

  test('a row that changed since the transaction read it ends it, where the server looks at that', async context => {
    const [rows] = await pool.query<mysql.RowDataPacket[]>("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'");
    if (rows.length === 0) return context.skip('this server does not look at that');
    const changed = async (on: Connection): Promise<unknown> => {
      await on.query('SELECT n FROM rows_of');
      await pool.query('UPDATE rows_of SET n = n + 1 WHERE id = 2');
      return on.query(WAITS);
    };
    expect(await after(changed, ['SET SESSION innodb_snapshot_isolation = ON'])).toMatchObject({
      ...{ lost: true, errno: 1020, thrown: 'rolled-back', retryable: true },
    });
  });

  test('a lock that was waited for in vain ends it, where the server is told so', async context => {
    await disconnect();
    await connect(await startMariadb(['--innodb-rollback-on-timeout']));
    const [rows] = await pool.query<mysql.RowDataPacket[]>(
      "SHOW VARIABLES LIKE 'innodb_rollback_on_timeout'",
    );
    if (rows[0]?.Value !== 'ON') return context.skip('this server is not ours to start');
    const before = ['SET SESSION innodb_lock_wait_timeout = 1'];
    expect(await after(on => locked(() => on.query(WAITS)), before)).toEqual({
      ...{ lost: true, errno: 1205, thrown: 'rolled-back', retryable: true },
    });
  });
});
