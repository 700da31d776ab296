import { defineFiles, type FieldOptions, type FileField, type RowKey } from '@fieldfile/core';
import {
  type Binding,
  type ColumnInSql,
  type Columns,
  nameQueries,
  OWNER,
  pickKey,
  type TableDatabase,
} from '@fieldfile/core/binding';
import {
  type Args,
  type Client,
  type Connection,
  type Delegate,
  delegateOf,
  dialectOf,
  type Request,
  type SchemaModel,
} from './client.ts';
import { isDraft } from './draft-rows.ts';
import { comparesExactly, lockIfUnchanged } from './locked-rows.ts';

export type AnyField = FileField<Columns, never, never>;

interface ModelFilesOptions {
  readonly client: Client;
  /** As the schema has it: `User`. */
  readonly name: string;
  readonly key: readonly string[];
  readonly fields: Readonly<Record<string, FieldOptions<never>>>;
  readonly schema: SchemaModel;
  readonly database: TableDatabase<Connection>;
}

/** The files of one model, and how core persists its rows: on the client as it was before it was extended. */
export class ModelFiles {
  readonly fields: Readonly<Record<string, AnyField>>;
  /** Selects what removals and compare-and-set need of a row, or all of it where a path is made of it. */
  readonly select: Readonly<Record<string, true>>;
  readonly delegate: Delegate;
  readonly #options: ModelFilesOptions;
  #comparesExactly: boolean | undefined;

  constructor(options: ModelFilesOptions) {
    const { client, name, key, fields, schema } = options;
    this.#options = options;
    this.delegate = delegateOf(client, name);
    this.fields = defineFiles({ name, key } as never, fields as never, this.#binding() as never);
    const callback = Object.values(fields).some(({ uploadTo }) => typeof uploadTo === 'function');
    const columns = schema.fields.flatMap(({ name, kind }) => (kind === 'object' ? [] : name));
    const selected = callback ? columns : [...key, ...Object.keys(fields)];
    this.select = Object.fromEntries(selected.map(column => [column, true]));
  }

  keyOf(row: Columns): RowKey | undefined {
    return pickKey(row, this.#options.key);
  }

  /** Whether work on files of that column is handed on to a queue. */
  handsOn(column: string): boolean {
    return this.#options.fields[column]?.derived?.enqueue !== undefined;
  }

  /**
   * Whether rows are grouped by a file's column, and not by their key. For the sake of the file an extended client asks for
   * the key, too, which the database refuses.
   */
  isGroupedBy(by: readonly unknown[]): boolean {
    const groupsFiles = Object.keys(this.fields).some(column => by.includes(column));
    return groupsFiles && !this.#options.key.every(column => by.includes(column));
  }

  /** Groups by the client as it was before. A group's file is read, and not written: it is no row's. */
  groupBy(args: Args): Request<Columns[]> {
    const request = this.delegate.groupBy(args);
    const withFiles = (sent: PromiseLike<Columns[]>): PromiseLike<Columns[]> =>
      sent.then(groups => groups.map(group => this.#withFiles(group)));
    return {
      // biome-ignore lint/suspicious/noThenProperty: a request is sent when it is awaited
      then: (...then) => withFiles(request).then(...then),
      requestTransaction: transaction => withFiles(request.requestTransaction(transaction)),
    };
  }

  /** What a new row that nobody gave a file has in the column; undefined: what the database makes of it. */
  initialOf(column: string): string | undefined {
    return this.#options.fields[column]?.default ?? (this.emptyOf(column) === '' ? '' : undefined);
  }

  /** What a file's column holds where there is no file. */
  emptyOf(column: string): null | '' {
    return this.#options.fields[column]?.empty ?? null;
  }

  /**
   * @returns whether all of these rows still have what is given of each: its key, and columns. Where Prisma's own conditions
   * tell that, they are left to tell it.
   */
  async lockIfUnchanged(connection: Connection, rows: readonly Columns[]): Promise<boolean> {
    if (rows.length === 0) return true;
    const { table } = this.#columnInSql('');
    this.#comparesExactly ??= await comparesExactly(connection, table);
    const columnOf = (name: string): string => this.#columnInSql(name).column;
    return this.#comparesExactly || lockIfUnchanged(connection, { table, columnOf }, rows);
  }

  #binding(): Binding<Columns> {
    const { client, database, key } = this.#options;
    const { delegate } = this;
    return {
      key: row => pickKey(row, key),
      isNew: isDraft,
      load: async where => (await database.executor.run(delegate.findFirst({ where }))) ?? undefined,
      update: (key, data, { expect, within }) =>
        database.atomically(async connection => {
          if (!(await this.lockIfUnchanged(connection, [{ ...key, ...expect }]))) return undefined;
          const { count } = await connection.run(delegate.updateMany({ where: { ...key, ...expect }, data }));
          if (count === 0) return undefined;
          await within?.(connection.execute);
          return {};
        }),
      ...nameQueries({
        dialect: dialectOf(client),
        execute: () => database.reader.execute,
        columnOf: field => this.#columnInSql(field),
      }),
      scope: () => database.scope,
      journal: database.journal,
    };
  }

  #withFiles(group: Columns): Columns {
    const row = { ...group };
    for (const field of Object.values(this.fields))
      if (field.name in group) group[field.name] = field.of(row as never);
    return Object.defineProperty(group, OWNER, { value: row }); // lives as long as the group
  }

  /** Names in SQL: Prisma's own queries cannot name the collation of the files' index. */
  #columnInSql(field: string): ColumnInSql {
    const { name, key, schema } = this.#options;
    const mark = dialectOf(this.#options.client) === 'mysql' ? '`' : '"';
    const quote = (name: string): string => mark + name.replaceAll(mark, mark + mark) + mark;
    const columnOf = (name: string): string =>
      quote(schema.fields.find(column => column.name === name)?.dbName ?? name);
    const table = quote(schema.dbName ?? name);
    return {
      table: schema.schema ? `${quote(schema.schema)}.${table}` : table,
      column: columnOf(field),
      key: Object.fromEntries(key.map(name => [name, columnOf(name)])),
    };
  }
}
