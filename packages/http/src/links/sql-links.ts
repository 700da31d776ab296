import {
  quotedTable,
  type SqlDialectName,
  type SqlExecutor,
  type SqlValue,
  Statements,
  sqlDialect,
} from '@fieldfile/core/journal';
import { FieldFileError } from '@fieldfile/storage';
import { knownOptions } from '@fieldfile/storage/backend';
import { keyText, type Link, type LinkTerms, linkState } from './link.ts';
import type { LinkPage, LinkQuery, LinkStore } from './link-store.ts';
import { DEFAULT_TABLE } from './link-table.ts';

export interface SqlLinksOptions {
  readonly dialect: SqlDialectName;
  /**
   * Runs one statement and commits it, never on the connection of a transaction that is open. Numbers may come back as
   * text. On MySQL and MariaDB it gives `affectedRows`.
   */
  readonly execute: SqlExecutor;
  /** Default: `fieldfile_links`. Made by the statements of `linkTable`. */
  readonly table?: string;
}

/**
 * Links in a table of a database, PostgreSQL, MySQL, MariaDB or SQLite, for any number of processes: each use is decided
 * and counted by one statement there, and times are by the database's clock.
 *
 * @throws `invalid-argument` for a dialect or table that is none.
 *
 * @example
 * ```ts
 * import { DatabaseSync } from 'node:sqlite';
 * import { linkTable, SqlLinks } from '@fieldfile/http/links';
 *
 * const database = new DatabaseSync('links.db', { timeout: 10_000 });
 * for (const statement of linkTable('sqlite')) database.exec(statement);
 * export const store = new SqlLinks({
 *   dialect: 'sqlite',
 *   execute: async (sql, parameters) => ({ rows: database.prepare(sql).all(...parameters) }),
 * });
 * ```
 */
export class SqlLinks implements LinkStore {
  readonly #sql: Statements;
  readonly #table: string;
  readonly #now: string;

  constructor(options: SqlLinksOptions) {
    knownOptions(options, ['dialect', 'execute', 'table'], { what: 'SqlLinks', operation: 'construct' });
    const { dialect, execute, table = DEFAULT_TABLE } = options;
    this.#sql = new Statements(sqlDialect(dialect), execute);
    this.#table = quotedTable(dialect, table);
    this.#now = this.#sql.dialect.nowMs;
  }

  async add(id: string, terms: LinkTerms, lifetimeMs: number): Promise<void> {
    const { storage, name, version, row, file, maxUses, download, disposition } = terms;
    await this.#sql.run(
      `INSERT INTO ${this.#table} (id, storage, object_name, object_version, model, field, row_key, linked_version, recipient, max_uses, download, disposition, uses, given_at, expires_at) ` +
        `VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ${this.#now}, ${this.#now} + ?)`,
      [
        ...[
          id,
          storage,
          name,
          version,
          row?.model ?? null,
          row?.field ?? null,
          row ? keyText(row.key) : null,
        ],
        ...[file, terms.for, maxUses, download, disposition, lifetimeMs],
      ],
    );
  }

  async get(id: string): Promise<Link | undefined> {
    return (await this.#select({ id }, '', 1))[0];
  }

  async use(id: string): Promise<boolean> {
    const hit = await this.#sql.write(
      `UPDATE ${this.#table} SET uses = uses + 1, last_used_at = ${this.#now} WHERE id = ? AND ${this.#open}`,
      [id],
    );
    return hit === 1;
  }

  async takeBack(query: LinkQuery): Promise<readonly string[]> {
    const { where, values } = this.#condition(query);
    const set = `UPDATE ${this.#table} SET taken_back_at = ${this.#now}`;
    const free = `taken_back_at IS NULL AND ${where}`;
    if (this.#sql.dialect.returning)
      return idsOf((await this.#sql.run(`${set} WHERE ${free} RETURNING id`, values)).rows);
    const ids = idsOf((await this.#sql.run(`SELECT id FROM ${this.#table} WHERE ${free}`, values)).rows);
    const taken: string[] = [];
    for (const id of ids)
      if ((await this.#sql.write(`${set} WHERE id = ? AND taken_back_at IS NULL`, [id])) === 1)
        taken.push(id);
    return taken;
  }

  async list(query: LinkQuery, { limit, after }: LinkPage): Promise<readonly Link[]> {
    if (!after) return this.#select(query, '', limit);
    const givenAt = after.givenAt.getTime();
    const beyond = ' AND (given_at < ? OR (given_at = ? AND id < ?))';
    return this.#select(query, beyond, limit, [givenAt, givenAt, after.id]);
  }

  removeEnded(agoMs: number): Promise<number> {
    const before = `${this.#now} - ?`;
    return this.#sql.write(
      `DELETE FROM ${this.#table} WHERE expires_at <= ${before} OR taken_back_at <= ${before} OR (uses >= max_uses AND last_used_at <= ${before})`,
      [agoMs, agoMs, agoMs],
    );
  }

  get #open(): string {
    return `taken_back_at IS NULL AND expires_at > ${this.#now} AND (max_uses IS NULL OR uses < max_uses)`;
  }

  async #select(
    query: LinkQuery,
    more: string,
    limit: number,
    parameters: readonly SqlValue[] = [],
  ): Promise<readonly Link[]> {
    const { where, values } = this.#condition(query);
    const { rows } = await this.#sql.run(
      `SELECT ${COLUMNS.join(', ')}, ${this.#now} AS now_ms FROM ${this.#table} WHERE ${where}${more} ORDER BY given_at DESC, id DESC LIMIT ${limit}`,
      [...values, ...parameters],
    );
    return rows.map(linkOf);
  }

  #condition(query: LinkQuery): { readonly where: string; readonly values: readonly SqlValue[] } {
    const { id, row, object, open } = query;
    const asked: readonly (readonly [condition: string, value: SqlValue | undefined])[] = [
      ['id = ?', id],
      ['row_key = ?', row && keyText(row.key)],
      ['model = ?', row?.model],
      ['field = ?', row?.field],
      ['object_name = ?', object?.name],
      ['storage = ?', object?.storage],
      ['recipient = ?', query.for],
    ];
    const given = asked.flatMap(([condition, value]) => (value === undefined ? [] : [{ condition, value }]));
    const conditions = [...given.map(({ condition }) => condition), ...(open ? [this.#open] : [])];
    return { where: conditions.join(' AND ') || '1 = 1', values: given.map(({ value }) => value) };
  }
}

const COLUMNS = [
  ...['id', 'storage', 'object_name', 'object_version', 'model', 'field', 'row_key', 'linked_version'],
  ...['recipient', 'max_uses', 'download', 'disposition', 'uses', 'given_at', 'expires_at'],
  ...['last_used_at', 'taken_back_at'],
] as const;

type Row = Readonly<Record<string, unknown>>;

const idsOf = (rows: readonly Row[]): readonly string[] => rows.map(({ id }) => id as string);

/** @throws `invalid-argument` for an executor that renames columns, as a plugin for camel case does. */
function linkOf(row: Row): Link {
  const missing = COLUMNS.filter(column => row[column] === undefined);
  if (missing.length > 0)
    throw new FieldFileError(
      'invalid-argument',
      `The SQL executor of the links gives rows without ${missing.join(', ')}: it must give columns by the names that the database has.`,
      { operation: 'links' },
    );
  const text = (column: (typeof COLUMNS)[number]): string | null => (row[column] as string | null) ?? null;
  const time = (column: (typeof COLUMNS)[number]): Date | null =>
    text(column) === null ? null : new Date(Number(row[column]));
  const [model, field, key] = [text('model'), text('field'), text('row_key')];
  const link = {
    id: row.id as string,
    storage: row.storage as string,
    name: row.object_name as string,
    version: row.object_version as string,
    row: model !== null && field !== null && key !== null ? { model, field, key: JSON.parse(key) } : null,
    file: row.linked_version as Link['file'],
    for: text('recipient'),
    maxUses: text('max_uses') === null ? null : Number(row.max_uses),
    download: text('download'),
    disposition: text('disposition') as Link['disposition'],
    uses: Number(row.uses),
    givenAt: new Date(Number(row.given_at)),
    expiresAt: new Date(Number(row.expires_at)),
    lastUsedAt: time('last_used_at'),
    takenBackAt: time('taken_back_at'),
  };
  return { ...link, state: linkState(link, Number(row.now_ms)) };
}
