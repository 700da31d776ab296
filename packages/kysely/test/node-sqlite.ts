import { DatabaseSync } from 'node:sqlite';
import type { SqliteDatabase } from 'kysely';

/** Node's own SQLite, as `SqliteDialect` takes it. */
export function nodeSqlite(path: string): SqliteDatabase {
  const database = new DatabaseSync(path);
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: parameters => statement.all(...(parameters as [])),
        run: parameters => statement.run(...(parameters as [])),
        iterate: parameters => statement.iterate(...(parameters as [])) as IterableIterator<unknown>,
      };
    },
  };
}
