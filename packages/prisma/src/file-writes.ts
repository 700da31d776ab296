import { FieldFileError } from '@fieldfile/core';
import {
  type Columns,
  type Level,
  rowChanges,
  rowRemoval,
  type ScopedChange,
  type Transactions,
} from '@fieldfile/core/binding';
import {
  type Args,
  begin,
  type Client,
  delegateOf,
  executorIn,
  type OpenTransaction,
  propertyOf,
  type Request,
  run,
} from './client.ts';
import { combined, isBulk, refuseOthers, removals, updateOf, updatesOf } from './compare-and-set.ts';
import type { GivenFile } from './file-arguments.ts';
import type { ModelFiles } from './model-files.ts';
import { type Known, placeNames, storeFiles, writtenColumns } from './written-columns.ts';

/** A call on its way to the database, as Prisma shows it to extensions. */
export interface Call {
  readonly model?: string | undefined;
  readonly operation: string;
  /** A copy: ours to change. */
  readonly args: Args;
  readonly query: (args: unknown, internal?: object) => Request;
  readonly __internalParams: { readonly transaction?: { readonly kind: string; readonly id: unknown } };
}

type Current = Level<OpenTransaction>;

/** Writes rows and their files together: every call of an extended client passes here. */
export class FileWrites {
  readonly #client: Client;
  readonly #known: Known;
  readonly #transactions: Transactions<OpenTransaction>;

  constructor(client: Client, known: Known, transactions: Transactions<OpenTransaction>) {
    this.#client = client;
    this.#known = known;
    this.#transactions = transactions;
  }

  async run(call: Call): Promise<unknown> {
    const { model, operation, args, query } = call;
    try {
      if (!model || !/^(create|update|upsert|delete)/.test(operation)) return await query(args);
      return await (operation === 'upsert' ? this.#upsert(call, model) : this.#write(call, model));
    } catch (error) {
      const { current } = this.#transactions;
      if (current && call.__internalParams.transaction) current.executor.failed = true;
      throw error;
    }
  }

  /** Stores what new rows of a batch were given, before its transaction begins. */
  async batch<T>(requests: readonly Request[], work: () => Promise<T>): Promise<T> {
    const columns = requests.flatMap(({ spec }) =>
      spec?.model && spec.action.startsWith('create')
        ? writtenColumns(this.#known, spec.model, spec.action, spec.args?.data)
        : [],
    );
    try {
      await storeFiles(columns);
      return await work();
    } catch (error) {
      // Those of requests whose turn never came: the others have undone theirs.
      for (const { given } of columns) await rowChanges(given.row).failed();
      throw error;
    } finally {
      this.#known.given.forget(columns.map(({ given }) => given));
    }
  }

  async #write(call: Call, model: string): Promise<unknown> {
    const { operation, args } = call;
    const files = this.#known.models.get(model);
    const columns = writtenColumns(this.#known, model, operation, args.data);
    const removes = operation.startsWith('delete');
    if (columns.length === 0 && !(files && removes)) return call.query(args);
    if (args.skipDuplicates) throw skipsDuplicates(model);
    const current = this.#current(call);
    const own = columns.filter(({ nested }) => !nested);
    const given = new Set(columns.map(column => column.given));
    let begun = false;
    try {
      const olds = files && (removes || own.length > 0) ? await this.#olds(call, files, current) : [];
      refuseOthers(own, olds[0]);
      await storeFiles(columns, olds[0]);
      placeNames(columns);
      const statements =
        files && removes
          ? removals(operation, args, files, olds)
          : files && isBulk(operation)
            ? await updatesOf(args, files, own, olds, given)
            : [updateOf(args, own, olds[0])];
      // What a row object was assigned, it knows what to remove for.
      const drafts = own.flatMap(column => (column.given.draft ? column.field : []));
      const removal = rowRemoval(removes && files ? Object.values(files.fields) : drafts, olds);
      return await this.#within(current, async ({ executor, scope }) => {
        begun = true;
        // A row may have been given several files.
        const changes = [...new Set([...given].map(({ row }) => row))].map(row => rowChanges(row));
        const results: unknown[] = [];
        try {
          for (const statement of statements)
            results.push(await call.query(statement).requestTransaction(executor));
          const result = isBulk(operation) ? combined(operation, results, olds.length) : results[0];
          for (const change of [...changes, removal]) await change.take(executorIn(this.#client, executor));
          for (const change of [...changes, removal]) await change.written(scope);
          return result;
        } catch (error) {
          // A statement before it, or other rows of a nested one, may be written.
          if (results.length > 0 || own.length < columns.length) scope.refuseCommit(error);
          for (const change of changes) await change.failed(scope);
          throw error;
        }
      });
    } catch (error) {
      if (!begun) for (const { row } of given) await rowChanges(row).failed(current?.scope);
      throw error;
    } finally {
      this.#forget(given, current);
    }
  }

  /**
   * Only one of two rows is written, and only its file is to be stored: so it is asked first which. Where that changes
   * meanwhile the database refuses, as it may an upsert of Prisma's own.
   */
  async #upsert(call: Call, model: string): Promise<unknown> {
    const { create, update, ...args } = call.args;
    const columns = [
      ...writtenColumns(this.#known, model, 'create', create),
      ...writtenColumns(this.#known, model, 'update', update),
    ];
    if (columns.length === 0) return call.query(call.args);
    const current = this.#current(call);
    const property = propertyOf(model);
    const { where, ...others } = args;
    const found = await run(delegateOf(this.#client, property).findUnique({ where }), current?.executor);
    const operation = found ? 'update' : 'create';
    const internal = {
      ...call.__internalParams,
      action: operation,
      clientMethod: `${property}.${operation}`,
    };
    try {
      return await this.#write(
        {
          ...call,
          operation,
          args: found ? { ...others, where, data: update } : { ...others, data: create },
          query: next => call.query(next, internal),
        },
        model,
      );
    } finally {
      this.#forget(new Set(columns.map(({ given }) => given)), current);
    }
  }

  /** The rows that an update or removal is about, as they are now. */
  async #olds(
    { operation, args }: Call,
    files: ModelFiles,
    current: Current | undefined,
  ): Promise<Columns[]> {
    if (operation.startsWith('create')) return [];
    const { delegate, select } = files;
    const { where, limit } = args;
    if (!isBulk(operation))
      return [await run(delegate.findUniqueOrThrow({ where, select }), current?.executor)];
    const page = { where: where ?? {}, select, ...(limit !== undefined && { take: limit }) };
    return run(delegate.findMany(page), current?.executor);
  }

  /** The transaction that a call belongs to. @throws `unsupported` where it is not known here. */
  #current({ __internalParams: { transaction } }: Call): Current | undefined {
    if (!transaction) return undefined;
    const { current } = this.#transactions;
    if (transaction.kind === 'itx' && transaction.id === current?.executor.id) return current;
    throw new FieldFileError(
      'unsupported',
      'Files were to be written in a transaction that was not begun by $transaction of the client that has them.',
      { operation: 'write' },
    );
  }

  #within<T>(current: Current | undefined, work: (current: Current) => Promise<T>): Promise<T> {
    if (current) return work(current);
    const transactions = this.#transactions;
    const own = begin(this.#client, this.#client.$transaction, {});
    return transactions.outside(() => transactions.run(own, () => work(transactions.current as Current)));
  }

  /** What was made an argument is for one call; in a transaction that is tried again, for each time. */
  #forget(given: Iterable<GivenFile>, current: Current | undefined): void {
    const forget = async (): Promise<void> => this.#known.given.forget(given);
    if (!current) return void forget();
    let { scope } = current;
    while (scope.parent) scope = scope.parent;
    const ended: ScopedChange = {
      committed: forget,
      rolledBack: forget,
      unknown: forget,
      restore: () => {},
      rewind: async () => scope.add(ended),
    };
    scope.add(ended);
  }
}

const skipsDuplicates = (model: string): FieldFileError =>
  new FieldFileError(
    'unsupported',
    `With skipDuplicates nobody tells which rows of ${model} were created, and which files are theirs: leave it out.`,
    { operation: 'createMany' },
  );
