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
      // One that cannot be rolled back is gone with its transaction. The first error is the one to be seen.
      if (outer.isOpen) await send('ROLLBACK TO SAVEPOINT').catch(failure => outer.breakOff(failure));
      throw error;
    }
  };
}
