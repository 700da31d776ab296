import { FieldFileError } from '@fieldfile/core';
import {
  afterEnd,
  type Columns,
  dropAssigned,
  type FileScope,
  rowChanges,
  rowConflict,
  type TableDatabase,
  uploadOrUndo,
} from '@fieldfile/core/binding';
import { type Args, type Connection, delegateOf, propertyOf, type Request } from './client.ts';
import {
  combined,
  expected,
  isBulk,
  refuseOthers,
  removals,
  updateOf,
  updatesOf,
} from './compare-and-set.ts';
import type { ModelFiles } from './model-files.ts';
import {
  describeRows,
  fillColumns,
  type Known,
  placeNames,
  rowsOf,
  showKeys,
  type WrittenColumn,
  writtenColumns,
} from './written-columns.ts';
import { writesSeveral } from './written-rows.ts';

/** A call on its way to the database, as Prisma shows it to extensions. */
export interface Call {
  readonly model?: string | undefined;
  readonly operation: string;
  /** A copy: ours to change. */
  readonly args: Args;
  readonly query: (args: unknown, internal?: object) => Request;
  readonly __internalParams: { readonly transaction?: { readonly kind: string; readonly id: unknown } };
}

const WRITES = /^(create|update|upsert|delete)/;
const READS = /^(find|count|aggregate|groupBy)/;

/** Writes rows and their files together: every call of an extended client passes here. */
export class FileWrites {
  readonly #known: Known;
  readonly #database: TableDatabase<Connection>;

  constructor(known: Known, database: TableDatabase<Connection>) {
    this.#known = known;
    this.#database = database;
  }

  async run(call: Call): Promise<unknown> {
    const { operation, args, __internalParams } = call;
    const { transaction } = __internalParams;
    const database = this.#database;
    const query = this.#grouping(call) ?? call.query;
    const write = this.#writing(call);
    if (write && !transaction) return database.outside(write);
    const atHand = transaction?.kind === 'itx' && database.isIn(({ id }) => id === transaction.id);
    const connection = atHand ? database.executor : undefined;
    if (write && !connection) throw elsewhere();
    if (write) return write();
    if (!connection) return query(args);
    if (READS.test(operation)) return connection.run(query(args));
    return database.statement(() => connection.run(query(args))); // in its turn
  }

  /** Stores what new rows of a batch were given, before its transaction begins. */
  async batch<T>(requests: readonly Request[], work: () => Promise<T>): Promise<T> {
    const columns = requests.flatMap(({ spec }) =>
      spec?.model && spec.action.startsWith('create')
        ? writtenColumns(this.#known, spec.model, spec.action, spec.args?.data)
        : [],
    );
    try {
      describeRows(columns);
      await uploadOrUndo(rowsOf(columns));
      return await work();
    } finally {
      await this.#forget(columns); // what was stored for those whose turn never came, too
    }
  }

  /** What groups rows by a file's column. */
  #grouping({ model = '', operation, args }: Call): Call['query'] | undefined {
    const files = operation === 'groupBy' ? this.#known.models.get(model) : undefined;
    return files?.isGroupedBy([args.by].flat()) ? grouped => files.groupBy(grouped as Args) : undefined;
  }

  /** What writes the files of a call; undefined where it has none. */
  #writing(call: Call): (() => Promise<unknown>) | undefined {
    const { model, operation, args } = call;
    if (!model || !WRITES.test(operation)) return undefined;
    if (operation === 'upsert') {
      fillColumns(this.#known, model, 'create', args.create);
      fillColumns(this.#known, model, 'update', args.update);
      const created = writtenColumns(this.#known, model, 'create', args.create);
      const updated = writtenColumns(this.#known, model, 'update', args.update);
      if (created.length + updated.length === 0) return undefined;
      return () => this.#upsert(call, model, created, updated);
    }
    fillColumns(this.#known, model, operation, args.data);
    const columns = writtenColumns(this.#known, model, operation, args.data);
    const removes = operation.startsWith('delete') && this.#known.models.has(model);
    return columns.length > 0 || removes ? () => this.#write(call, model, columns) : undefined;
  }

  async #write(call: Call, model: string, columns: readonly WrittenColumn[]): Promise<unknown> {
    const { operation, args } = call;
    const { models, schema } = this.#known;
    const files = models.get(model);
    const removes = operation.startsWith('delete');
    const { scope } = this.#database;
    const own = columns.filter(({ nested }) => !nested);
    const results: unknown[] = [];
    let begun = false;
    let written = columns;
    try {
      if (args.skipDuplicates) throw skipsDuplicates(model);
      const olds = files && (removes || own.length > 0) ? await this.#olds(call, files) : [];
      if (isBulk(operation) && olds.length === 0) return combined(operation, [], 0);
      refuseOthers(own, olds[0]);
      describeRows(columns, olds[0]);
      const each =
        files && isBulk(operation) && !removes ? await updatesOf(args, files, own, olds) : undefined;
      written = each ? each.flatMap(update => update.columns) : columns;
      return await this.#database.write(
        rowsOf(written),
        async (connection, { removed }) => {
          begun = true;
          placeNames(written);
          const isUnchanged =
            !files || (await files.lockIfUnchanged(connection, expected(files, removes, own, olds)));
          if (!isUnchanged) throw rowConflict(model);
          const statements =
            each?.map(({ statement }) => statement) ??
            (files && removes ? removals(operation, args, files, olds) : [updateOf(args, own, olds[0])]);
          for (const statement of statements) results.push(await connection.run(call.query(statement)));
          await showKeys(connection, written);
          // What a row object was assigned, it knows what to remove for.
          const drafts = own.flatMap(column => (column.given.draft ? column.field : []));
          removed(removes && files ? Object.values(files.fields) : drafts, olds);
          return isBulk(operation) ? combined(operation, results, olds.length) : results[0];
        },
        { perhapsInPart: () => results.length > 0 || writesSeveral(schema, model, args.data) },
      );
    } catch (error) {
      await dropAssigned(rowsOf(written));
      throw error;
    } finally {
      await this.#forget(columns, scope, begun);
    }
  }

  /**
   * Only one of two rows is written, and only its file is to be stored: so it is asked first which. Where that changes
   * meanwhile the database refuses, as it may an upsert of Prisma's own.
   */
  async #upsert(
    call: Call,
    model: string,
    created: readonly WrittenColumn[],
    updated: readonly WrittenColumn[],
  ): Promise<unknown> {
    const { create, update, where, ...others } = call.args;
    const { scope, executor } = this.#database;
    const found = await executor.run(delegateOf(executor.base, model).findUnique({ where }));
    await this.#forget(found ? created : updated, scope);
    const action = found ? 'update' : 'create';
    const internal = { ...call.__internalParams, action, clientMethod: `${propertyOf(model)}.${action}` };
    const query = (next: unknown): Request => call.query(next, internal);
    const row = found ? { where, data: update } : { data: create };
    const writing = { ...call, operation: action, args: { ...others, ...row }, query };
    return this.#write(writing, model, found ? updated : created);
  }

  /** The rows that an update or removal is about, as they are now. */
  async #olds({ operation, args }: Call, { delegate, select }: ModelFiles): Promise<Columns[]> {
    if (operation.startsWith('create')) return [];
    const { executor } = this.#database;
    const { where = {}, limit } = args;
    if (!isBulk(operation)) return [await executor.run(delegate.findUniqueOrThrow({ where, select }))];
    return executor.run(delegate.findMany({ where, select, ...(limit !== undefined && { take: limit }) }));
  }

  /**
   * What was made an argument is for one call; in a transaction that is tried again, for each time. What was stored for
   * it and not written is undone.
   */
  async #forget(columns: readonly WrittenColumn[], scope?: FileScope, begun = false): Promise<void> {
    const drafts = begun ? [] : columns.filter(({ given }) => given.draft);
    for (const row of rowsOf(drafts)) await rowChanges(row).failed(scope?.outcome ? undefined : scope);
    await afterEnd(scope, () => this.#known.given.forget(columns.map(({ given }) => given)));
  }
}

const elsewhere = (): FieldFileError =>
  new FieldFileError(
    'unsupported',
    'Files were to be written in a transaction that was not begun by $transaction of the client that has them.',
    { operation: 'write' },
  );

const skipsDuplicates = (model: string): FieldFileError =>
  new FieldFileError(
    'unsupported',
    `With skipDuplicates nobody tells which rows of ${model} were created, and which files are theirs: leave it out.`,
    { operation: 'createMany' },
  );
