import { defineFiles, type FieldOptions, type FileField, type RowKey } from '@fieldfile/core';
import type { Binding, Columns, Transactions } from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import {
  type Client,
  type Delegate,
  delegateOf,
  executorIn,
  type OpenTransaction,
  run,
  type SchemaModel,
  transactionOf,
} from './client.ts';

export type AnyField = FileField<Columns, never, never>;

interface ModelFilesOptions {
  readonly client: Client;
  /** As the schema has it: `User`. */
  readonly name: string;
  /** As the client has it: `user`. */
  readonly property: string;
  readonly key: readonly string[];
  readonly fields: Readonly<Record<string, FieldOptions<never>>>;
  readonly schema: SchemaModel;
  readonly transactions: Transactions<OpenTransaction>;
  readonly journal: Journal | undefined;
}

/** The files of one model, and how core persists its rows: on the client as it was before it was extended. */
export class ModelFiles {
  readonly fields: Readonly<Record<string, AnyField>>;
  /** Selects what removals and compare-and-set need of a row, or all of it where a path is made of it. */
  readonly select: Readonly<Record<string, true>>;
  readonly delegate: Delegate;
  readonly #options: ModelFilesOptions;

  constructor(options: ModelFilesOptions) {
    const { client, name, property, key, fields, schema } = options;
    this.#options = options;
    this.delegate = delegateOf(client, property);
    this.fields = defineFiles({ name, key } as never, fields as never, this.#binding() as never);
    const callback = Object.values(fields).some(({ uploadTo }) => typeof uploadTo === 'function');
    const columns = schema.fields.flatMap(({ name, kind }) => (kind === 'object' ? [] : name));
    const selected = callback ? columns : [...key, ...Object.keys(fields)];
    this.select = Object.fromEntries(selected.map(column => [column, true]));
  }

  keyOf(row: Columns): RowKey | undefined {
    const { key } = this.#options;
    if (key.some(column => row[column] === undefined || row[column] === null)) return undefined;
    return Object.fromEntries(key.map(column => [column, row[column]]));
  }

  #binding(): Binding<Columns> {
    const { client, transactions, journal } = this.#options;
    return {
      key: row => this.keyOf(row),
      load: async key => (await this.#run(this.delegate.findFirst({ where: key }))) ?? undefined,
      update: async (key, values, { expect, within }) => {
        const write = async (transaction: OpenTransaction | undefined): Promise<Columns | undefined> => {
          const where = { ...key, ...expect };
          const { count } = await run(this.delegate.updateMany({ where, data: values }), transaction);
          if (count === 0) return undefined;
          await within?.(executorIn(client, transaction));
          return {};
        };
        const { current } = transactions;
        return current
          ? write(current.executor)
          : client.$transaction(transaction => write(transactionOf(transaction)));
      },
      isReferenced: async (field, name) => {
        const { table, column, collation, parameter } = this.#sql(field);
        const sql = `SELECT 1 AS found FROM ${table} WHERE ${column} COLLATE ${collation} = ${parameter} LIMIT 1`;
        return (await this.#run(client.$queryRawUnsafe(sql, name))).length > 0;
      },
      names: async (field, { after = '', limit }) => {
        const { table, column, collation, parameter, quote, columnOf } = this.#sql(field);
        const columns = this.#options.key.map(name => `${columnOf(name)} AS ${quote(name)}`);
        const sql =
          `SELECT ${[...columns, `${column} AS fieldfile_name`]} FROM ${table} ` +
          `WHERE ${column} COLLATE ${collation} > ${parameter} ORDER BY ${column} COLLATE ${collation} LIMIT ${limit}`;
        const rows = await this.#run(client.$queryRawUnsafe(sql, after));
        return rows.map(row => ({ key: this.keyOf(row) ?? {}, name: row.fieldfile_name as string }));
      },
      scope: () => transactions.current?.scope,
      journal,
    };
  }

  #run<T>(request: Parameters<typeof run<T>>[0]): PromiseLike<T> {
    return run(request, this.#options.transactions.current?.executor);
  }

  /** Names in SQL: Prisma's own queries cannot name the collation of the files' index. */
  #sql(field: string) {
    const { client, name, schema } = this.#options;
    const postgres = client._activeProvider === 'postgresql';
    const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
    const columnOf = (name: string): string =>
      quote(schema.fields.find(column => column.name === name)?.dbName ?? name);
    const table = schema.dbName ?? name;
    return {
      table: schema.schema ? `${quote(schema.schema)}.${quote(table)}` : quote(table),
      column: columnOf(field),
      collation: postgres ? '"C"' : 'BINARY',
      parameter: postgres ? '$1' : '?',
      quote,
      columnOf,
    };
  }
}
