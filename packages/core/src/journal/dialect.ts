import { FieldFileError } from '@fieldfile/storage';

export type SqlDialectName = 'postgresql' | 'mysql' | 'mariadb' | 'sqlite';

/** What differs between databases in the journal's statements, which are written with `?` for parameters. */
export interface SqlDialect {
  readonly name: SqlDialectName;
  /** The database's clock, in milliseconds since 1970. */
  readonly nowMs: string;
  /** Whether a written row can come back from its statement; else `affectedRows` tells how many there were. */
  readonly returning: boolean;
  /** Whether what another transaction has locked can be passed over. */
  readonly skipLocked: boolean;
  placeholder(index: number): string;
}

const question = (): string => '?';

const DIALECTS: Readonly<Record<SqlDialectName, SqlDialect>> = {
  postgresql: {
    name: 'postgresql',
    nowMs: 'CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)',
    returning: true,
    skipLocked: true,
    placeholder: index => `$${index}`,
  },
  mysql: {
    name: 'mysql',
    nowMs: 'CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS SIGNED)',
    returning: false,
    skipLocked: true,
    placeholder: question,
  },
  mariadb: {
    name: 'mariadb',
    nowMs: 'CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS SIGNED)',
    returning: false,
    skipLocked: true,
    placeholder: question,
  },
  sqlite: {
    name: 'sqlite',
    nowMs: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
    returning: true,
    skipLocked: false,
    placeholder: question,
  },
};

/** @throws `invalid-argument` for a database there are no statements for. */
export function sqlDialect(name: SqlDialectName): SqlDialect {
  if (Object.hasOwn(DIALECTS, name)) return DIALECTS[name];
  throw new FieldFileError(
    'invalid-argument',
    `dialect must be one of ${Object.keys(DIALECTS).join(', ')}, not ${JSON.stringify(name)}.`,
    { operation: 'journal' },
  );
}
