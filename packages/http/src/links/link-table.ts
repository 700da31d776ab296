import { quotedTable, type SqlDialectName } from '@fieldfile/core/journal';

export const DEFAULT_TABLE = 'fieldfile_links';

interface Types {
  readonly id: string;
  readonly word: string;
  readonly name: string;
  readonly text: string;
  /** How much of a text an index takes. */
  readonly indexed: string;
  readonly end: string;
}

const PLAIN: Types = { id: 'text', word: 'text', name: 'text', text: 'text', indexed: '', end: '' };
const MYSQL: Types = {
  id: 'varchar(64)',
  word: 'varchar(255)',
  name: 'varchar(1024)',
  text: 'text',
  indexed: '(191)',
  end: ' ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
};

/**
 * The statements that make the table of links, for a migration. They can run again: what exists is left alone.
 *
 * @param table default `fieldfile_links`; letters, digits and `_`, with a schema before a dot where one is needed.
 * @throws `invalid-argument` for another table name.
 *
 * @example
 * ```ts
 * import { linkTable } from '@fieldfile/http/links';
 *
 * declare const pool: { query(sql: string): Promise<unknown> };
 * for (const statement of linkTable('postgresql')) await pool.query(statement);
 * ```
 */
export function linkTable(dialect: SqlDialectName, table: string = DEFAULT_TABLE): readonly string[] {
  const quoted = quotedTable(dialect, table);
  const inMySql = dialect === 'mysql' || dialect === 'mariadb';
  const { id, word, name, text, indexed, end } = inMySql ? MYSQL : PLAIN;
  const index = (suffix: string, columns: string): string =>
    inMySql
      ? `, INDEX ${suffix} (${columns})`
      : `CREATE INDEX IF NOT EXISTS ${quotedTable(dialect, `${table.split('.').at(-1)}_${suffix}`)} ON ${quoted} (${columns})`;
  const indexes = [
    index('object', `object_name${indexed}`),
    index('row_key', `row_key${indexed}`),
    index('recipient', `recipient${indexed}`),
    index('expires_at', 'expires_at'),
  ];
  const columns = `
  id ${id} PRIMARY KEY,
  storage ${name} NOT NULL,
  object_name ${name} NOT NULL,
  object_version ${text} NOT NULL,
  model ${word},
  field ${word},
  row_key ${text},
  linked_version ${word} NOT NULL,
  recipient ${word},
  max_uses bigint,
  download ${name},
  disposition ${word},
  uses bigint NOT NULL,
  given_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  last_used_at bigint,
  taken_back_at bigint`;
  const create = `CREATE TABLE IF NOT EXISTS ${quoted} (${columns}${inMySql ? indexes.join('') : ''}\n)${end}`;
  return inMySql ? [create] : [create, ...indexes];
}
