import { FieldFileError } from '@fieldfile/storage';
import { type SqlDialectName, sqlDialect } from './dialect.ts';

export const DEFAULT_TABLE = 'fieldfile_journal';

interface Types {
  readonly id: string;
  readonly word: string;
  readonly storage: string;
  readonly name: string;
  readonly text: string;
  readonly time: string;
  /** How much of a name an index takes. */
  readonly indexed: string;
  readonly end: string;
}

const PLAIN: Types = {
  id: 'text',
  word: 'text',
  storage: 'text',
  name: 'text',
  text: 'text',
  time: 'bigint',
  indexed: '',
  end: '',
};
const MYSQL: Types = {
  id: 'varchar(64)',
  word: 'varchar(64)',
  storage: 'varchar(512)',
  name: 'varchar(1024)',
  text: 'text',
  time: 'bigint',
  indexed: '(255)',
  end: ' ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
};

/**
 * The statements that make the journal's table, for a migration. They can run again: what exists is left alone
 * (indexes on MySQL excepted, which has no such clause; there they are part of the table).
 *
 * @param table default `fieldfile_journal`; letters, digits and `_`, with a schema before a dot where one is needed.
 * @throws `invalid-argument` for another table name.
 *
 * @example
 * ```ts
 * import { journalTable } from '@fieldfile/core/journal';
 *
 * for (const statement of journalTable('postgresql')) console.log(statement);
 * ```
 */
export function journalTable(dialect: SqlDialectName, table: string = DEFAULT_TABLE): readonly string[] {
  const { name } = sqlDialect(dialect);
  const inMySql = name === 'mysql' || name === 'mariadb';
  const { id, word, storage, name: objectName, text, time, indexed, end } = inMySql ? MYSQL : PLAIN;
  const quoted = quotedTable(dialect, table);
  const index = (suffix: string, columns: string): string =>
    inMySql
      ? `, INDEX ${suffix} (${columns})`
      : `CREATE INDEX IF NOT EXISTS ${quotedTable(dialect, `${table.split('.').at(-1)}_${suffix}`)} ON ${quoted} (${columns})`;
  const indexes = [
    index('due', 'due'),
    index('name', `object_name${indexed}`),
    index('old_name', `old_name${indexed}`),
  ];
  const columns = `
  id ${id} PRIMARY KEY,
  kind ${word} NOT NULL,
  state ${word} NOT NULL,
  storage ${storage} NOT NULL,
  object_name ${objectName},
  old_name ${objectName},
  old_version ${text},
  model ${word} NOT NULL,
  field ${word} NOT NULL,
  row_key ${text},
  process ${word},
  claimed_by ${word},
  due ${time} NOT NULL,
  attempts integer NOT NULL,
  last_error ${text}`;
  const create = `CREATE TABLE IF NOT EXISTS ${quoted} (${columns}${inMySql ? indexes.join('') : ''}\n)${end}`;
  return inMySql ? [create] : [create, ...indexes];
}

/**
 * The statement that indexes a file column, which `recover`, `sweep` and every removal look names up in.
 *
 * On PostgreSQL the index has the collation `"C"`, on SQLite `BINARY`: the order of a sweep. Compare and order the column
 * with that collation, or the index is passed over.
 *
 * @throws `invalid-argument` for a table or column with other characters than letters, digits and `_`.
 *
 * @example
 * ```ts
 * import { fileIndex } from '@fieldfile/core/journal';
 *
 * fileIndex('postgresql', 'photos', 'image'); // CREATE INDEX IF NOT EXISTS "photos_image_file" …
 * ```
 */
export function fileIndex(dialect: SqlDialectName, table: string, column: string): string {
  const name = quotedTable(dialect, `${table.split('.').at(-1)}_${column}_file`);
  const indexed = quotedTable(dialect, column) + (BY_BYTES[dialect] ?? '');
  const ifMissing = dialect === 'mysql' ? '' : 'IF NOT EXISTS ';
  return `CREATE INDEX ${ifMissing}${name} ON ${quotedTable(dialect, table)} (${indexed})`;
}

/** MySQL and MariaDB have no other order in an index than the column's. */
const BY_BYTES: Readonly<Partial<Record<SqlDialectName, string>>> = {
  postgresql: ' COLLATE "C"',
  sqlite: ' COLLATE BINARY',
};

/** A table's name, quoted part by part. @throws `invalid-argument`. */
export function quotedTable(dialect: SqlDialectName, table: string): string {
  sqlDialect(dialect);
  if (typeof table !== 'string' || !/^\w+(\.\w+)?$/.test(table))
    throw new FieldFileError(
      'invalid-argument',
      `${JSON.stringify(table)} is no name of a table or column: letters, digits and _ only.`,
      { operation: 'journal' },
    );
  const quote = dialect === 'mysql' || dialect === 'mariadb' ? '`' : '"';
  return table
    .split('.')
    .map(part => `${quote}${part}${quote}`)
    .join('.');
}
