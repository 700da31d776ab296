import type { SqlExecutor, SyncSqlExecutor } from '../journal/sql.ts';
import type { Level } from './level.ts';
import type { SyncBegin } from './synchronous-database.ts';
import type { Begin } from './transactions.ts';

let savepoints = 0;

/** Begins a savepoint in a transaction that cannot wait. */
export function savepointSync<Executor>(
  outer: Executor,
  sqlExecutor: (on: Executor) => SyncSqlExecutor,
): SyncBegin<Executor> {
  return work => {
    const name = `fieldfile_${++savepoints}`;
    const execute = sqlExecutor(outer);
    execute(`SAVEPOINT ${name}`, []);
    try {
      const result = work(outer);
      execute(`RELEASE SAVEPOINT ${name}`, []);
      return result;
    } catch (error) {
      try {
        execute(`ROLLBACK TO SAVEPOINT ${name}`, []);
        execute(`RELEASE SAVEPOINT ${name}`, []);
      } catch {
        // It is gone with its transaction, which tells so at its end. The first error is the one to be seen.
      }
      throw error;
    }
  };
}

/**
 * Begins a savepoint of our own naming, on the connection of a transaction. Once that has ended no statement is sent: the
 * connection may be another transaction's by then.
 */
export function savepoint<Executor>(
  outer: Level<Executor>,
  sqlExecutor: (on: Executor) => SqlExecutor,
): Begin<Executor> {
  return async work => {
    const name = `fieldfile_${++savepoints}`;
    const send = (statement: string): Promise<unknown> =>
      outer.send(executor => sqlExecutor(executor)(`${statement} ${name}`, []));
    await send('SAVEPOINT');
    try {
      const result = await work(outer.executor);
      await send('RELEASE SAVEPOINT');
      return result;
    } catch (error) {
      // One that cannot be rolled back is gone with its transaction. The first error is the one to be seen.
      if (outer.isOpen) await send('ROLLBACK TO SAVEPOINT').catch(failure => outer.breakOff(failure));
      throw error;
    }
  };
}
