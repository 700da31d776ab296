import { FieldFileError } from '@fieldfile/storage';
import type { SqlDialectName } from './dialect.ts';
import { quotedTable } from './journal-table.ts';

/** A file column that a migration adds or changes. */
export interface FileColumn {
  readonly name: string;
  /**
   * `'add'`: the table gets the column. `'compare-bytes'`: it is there, and compares names as its collation says. From now
   * on it compares their bytes, and its index has the order in which `sweep` reads names.
   */
  readonly change: 'add' | 'compare-bytes';
  /** Most characters of a name. Default: 100. In MySQL and MariaDB 768 at the most, all that an index takes. */
  readonly length?: number;
  /** Whether a row without a file has NULL. Else it has the empty text. Default: true. */
  readonly nullable?: boolean;
}

interface Words {
  readonly type: string;
  readonly add: string;
  /** Undefined where the index of a column has an order of its own: nothing is to be changed. */
  readonly change?: (column: string, type: string, nulls: string) => string;
  readonly mostCharacters?: number;
}

const IN_MYSQL = {
  add: 'ADD COLUMN',
  change: (column: string, type: string, nulls: string) => `MODIFY ${column} ${type}${nulls}`,
  mostCharacters: 768,
};
const WORDS: Readonly<Record<SqlDialectName, Words>> = {
  mysql: { ...IN_MYSQL, type: ' CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin' },
  mariadb: {
    ...IN_MYSQL,
    type: ' CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin',
    add: 'ADD COLUMN IF NOT EXISTS',
  },
  postgresql: {
    type: ' COLLATE "C"',
    add: 'ADD COLUMN IF NOT EXISTS',
    change: (column, type) => `ALTER COLUMN ${column} TYPE ${type}`,
  },
  sqlite: { type: '', add: 'ADD COLUMN' },
};

/** The statement that adds or changes a file column: none where nothing is to be done. @throws `invalid-argument`. */
export function fileColumn(
  dialect: SqlDialectName,
  table: string,
  { name, change, length = 100, nullable = true }: FileColumn,
): readonly string[] {
  const quoted = quotedTable(dialect, table);
  const column = quotedTable(dialect, name);
  const words = WORDS[dialect];
  if (!Number.isInteger(length) || length < 1 || length > (words.mostCharacters ?? length))
    throw invalid(`The length of ${name} must be a whole number of characters`, words.mostCharacters);
  const type = `varchar(${length})${words.type}`;
  const nulls = nullable ? '' : " NOT NULL DEFAULT ''";
  switch (change) {
    case 'add':
      return [`ALTER TABLE ${quoted} ${words.add} ${column} ${type}${nulls}`];
    case 'compare-bytes':
      return words.change ? [`ALTER TABLE ${quoted} ${words.change(column, type, nulls)}`] : [];
    default:
      throw invalid(`The change of ${name} must be 'add' or 'compare-bytes', not ${JSON.stringify(change)}`);
  }
}

const invalid = (words: string, most?: number): FieldFileError =>
  new FieldFileError(
    'invalid-argument',
    `${words}${most ? `, ${most} at the most: an index takes no more` : ''}.`,
    {
      operation: 'journal',
    },
  );
