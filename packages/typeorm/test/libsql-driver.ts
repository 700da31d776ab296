import Libsql from 'libsql';

type Run = (...parameters: unknown[]) => unknown;

/** libsql 0.5 takes a lone null for named parameters: statements get theirs as a list. */
export class LibsqlDriver extends Libsql {
  // TypeORM calls it with SQL alone.
  override prepare = ((sql: string): object => {
    const statement = super.prepare(sql) as unknown as Record<string, Run>;
    for (const method of ['run', 'all']) {
      const original = statement[method] as Run;
      statement[method] = (...parameters) => original.call(statement, parameters);
    }
    return statement;
  }) as never;
}
