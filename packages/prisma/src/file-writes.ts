import { FieldFileError } from '@fieldfile/core';
import {
  type Columns,
  type FileScope,
  rowChanges,
  type ScopedChange,
  type TableDatabase,
  uploadOrUndo,
} from '@fieldfile/core/binding';
import { type Args, type Client, type Connection, delegateOf, propertyOf, type Request } from './client.ts';
import { combined, isBulk, refuseOthers, removals, updateOf, updatesOf } from './compare-and-set.ts';
import type { ModelFiles } from './model-files.ts';
import {
  describeRows,
  type Known,
  placeNames,
  rowsOf,
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
  readonly #client: Client;
  readonly #known: Known;
  readonly #database: TableDatabase<Connection>;

  constructor(client: Client, known: Known, database: TableDatabase<Connection>) {
    this.#client = client;
    this.#known = known;
    this.#database = database;
  }

  run(call: Call): PromiseLike<unknown> {
    const { model, operation, __internalParams } = call;
    if (!model || !WRITES.test(operation)) return this.#pass(call);
    const write = (): Promise<unknown> =>
      operation === 'upsert' ? this.#upsert(call, model) : this.#write(call, model);
    return __internalParams.transaction ? write() : this.#database.outside(write);
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

  /** A call that writes no files. In a transaction it comes in its turn, unless it only reads. */
  async #pass(call: Call): Promise<unknown> {
    const { operation, args, query } = call;
    const database = this.#database;
    if (!this.#isAtHand(call)) return query(args);
    if (READS.test(operation)) return database.executor.run(query(args));
    return database.statement(connection => connection.run(query(args)));
  }

  async #write(call: Call, model: string): Promise<unknown> {
    const { operation, args } = call;
    const { models, schema } = this.#known;
    const files = models.get(model);
    const columns = writtenColumns(this.#known, model, operation, args.data);
    const removes = operation.startsWith('delete');
    if (columns.length === 0 && !(files && removes)) return this.#pass(call);
    const scope = this.#scopeOf(call);
    const own = columns.filter(({ nested }) => !nested);
    const results: unknown[] = [];
    let begun = false;
    try {
      if (args.skipDuplicates) throw skipsDuplicates(model);
      const olds = files && (removes || own.length > 0) ? await this.#olds(call, files) : [];
      if (isBulk(operation) && olds.length === 0) return combined(operation, [], 0);
      refuseOthers(own, olds[0]);
      describeRows(columns, olds[0]);
      const each =
        files && isBulk(operation) && !removes ? await updatesOf(args, files, own, olds) : undefined;
      const written = each ? each.flatMap(update => update.columns) : columns;
      return await this.#database.write(
        rowsOf(written),
        async (connection, { removed }) => {
          begun = true;
          placeNames(written);
          const statements =
            each?.map(({ statement }) => statement) ??
            (files && removes ? removals(operation, args, files, olds) : [updateOf(args, own, olds[0])]);
          for (const statement of statements) results.push(await connection.run(call.query(statement)));
          // What a row object was assigned, it knows what to remove for.
          const drafts = own.flatMap(column => (column.given.draft ? column.field : []));
          removed(removes && files ? Object.values(files.fields) : drafts, olds);
          return isBulk(operation) ? combined(operation, results, olds.length) : results[0];
        },
        { perhapsInPart: () => results.length > 0 || writesSeveral(schema, model, args.data) },
      );
    } finally {
      await this.#forget(columns, scope, begun);
    }
  }

  /**
   * Only one of two rows is written, and only its file is to be stored: so it is asked first which. Where that changes
   * meanwhile the database refuses, as it may an upsert of Prisma's own.
   */
  async #upsert(call: Call, model: string): Promise<unknown> {
    const { create, update, ...args } = call.args;
    const [created, updated] = [
      writtenColumns(this.#known, model, 'create', create),
      writtenColumns(this.#known, model, 'update', update),
    ];
    let unused = [...created, ...updated];
    if (unused.length === 0) return this.#pass(call);
    const scope = this.#scopeOf(call);
    const property = propertyOf(model);
    const { where, ...others } = args;
    try {
      const { executor } = this.#database;
      const found = await executor.run(delegateOf(this.#client, property).findUnique({ where }));
      const action = found ? 'update' : 'create';
      unused = found ? created : updated;
      const internal = { ...call.__internalParams, action, clientMethod: `${property}.${action}` };
      const writing: Call = {
        ...call,
        operation: action,
        args: found ? { ...others, where, data: update } : { ...others, data: create },
        query: next => call.query(next, internal),
      };
      return await this.#write(writing, model);
    } finally {
      await this.#forget(unused, scope);
    }
  }

  /** The rows that an update or removal is about, as they are now. */
  async #olds({ operation, args }: Call, { delegate, select }: ModelFiles): Promise<Columns[]> {
    if (operation.startsWith('create')) return [];
    const { executor } = this.#database;
    const { where, limit } = args;
    if (!isBulk(operation)) return [await executor.run(delegate.findUniqueOrThrow({ where, select }))];
    const page = { where: where ?? {}, select, ...(limit !== undefined && { take: limit }) };
    return executor.run(delegate.findMany(page));
  }

  /** Whether a call is one of the transaction at hand, which may have ended. */
  #isAtHand({ __internalParams: { transaction } }: Call): boolean {
    return transaction?.kind === 'itx' && this.#database.isIn(({ id }) => id === transaction.id);
  }

  /**
   * Of the transaction that a call writes files in.
   * @throws `transaction-ended`; `unsupported` where it is not known here.
   */
  #scopeOf(call: Call): FileScope | undefined {
    if (call.__internalParams.transaction && !this.#isAtHand(call))
      throw new FieldFileError(
        'unsupported',
        'Files were to be written in a transaction that was not begun by $transaction of the client that has them.',
        { operation: 'write' },
      );
    void this.#database.executor;
    return this.#database.scope;
  }

  /**
   * What was made an argument is for one call; in a transaction that is tried again, for each time. What was stored for
   * it and not written is undone.
   */
  async #forget(columns: readonly WrittenColumn[], scope?: FileScope, begun = false): Promise<void> {
    const drafts = begun ? [] : columns.filter(({ given }) => given.draft);
    for (const row of rowsOf(drafts)) await rowChanges(row).failed(scope?.outcome ? undefined : scope);
    const forget = async (): Promise<void> => this.#known.given.forget(columns.map(({ given }) => given));
    let root = scope;
    while (root?.parent) root = root.parent;
    if (!root || root.outcome) return forget();
    const ended: ScopedChange = {
      committed: forget,
      rolledBack: forget,
      unknown: forget,
      restore: () => {},
      rewind: async () => root.add(ended),
    };
    root.add(ended);
  }
}

const skipsDuplicates = (model: string): FieldFileError =>
  new FieldFileError(
    'unsupported',
    `With skipDuplicates nobody tells which rows of ${model} were created, and which files are theirs: leave it out.`,
    { operation: 'createMany' },
  );
