import type { SqlExecutor } from '../journal/sql.ts';
import type { Level } from './level.ts';
import type { Begin } from './transactions.ts';

let savepoints = 0;

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
      // A savepoint that cannot be rolled back stays in its transaction, which must not commit then.
      if (outer.isOpen)
        await send('ROLLBACK TO SAVEPOINT').catch(failure => outer.scope.refuseCommit(failure));
      throw error;
    }
  };
}
