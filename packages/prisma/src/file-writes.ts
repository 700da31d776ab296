import { FieldFileError, rowChanges, rowRemoval, type ScopedChange, upload } from '@fieldfile/core';
import type { Columns, CurrentTransaction, Transactions } from '@fieldfile/core/table';
import {
  type Args,
  begin,
  type Client,
  delegateOf,
  executorIn,
  type OpenTransaction,
  type Request,
  run,
} from './client.ts';
import { draftOf, type FileArguments, type GivenFile } from './file-arguments.ts';
import type { AnyField, ModelFiles } from './model-files.ts';
import { isObject, writtenRows } from './written-rows.ts';

/** A call on its way to the database, as Prisma shows it to extensions. */
export interface Call {
  readonly model?: string | undefined;
  readonly operation: string;
  /** A copy: ours to change. */
  readonly args: Args;
  readonly query: (args: unknown, internal?: object) => Request;
  readonly __internalParams: { readonly transaction?: { readonly kind: string; readonly id: unknown } };
}

/** A file column that a call writes. */
interface WrittenColumn {
  readonly field: AnyField;
  readonly files: ModelFiles;
  /** The row's columns in the call's arguments. */
  readonly data: Args;
  readonly nested: boolean;
  readonly given: GivenFile;
}

type Current = CurrentTransaction<OpenTransaction>;

const MANY = /^(update|delete)Many/;
/** Rows that one statement removes, each with a condition of its own. */
const CHUNK = 200;

/** Writes rows and their files together: every call of an extended client passes here. */
export class FileWrites {
  readonly #client: Client;
  readonly #models: ReadonlyMap<string, ModelFiles>;
  readonly #files: FileArguments;
  readonly #transactions: Transactions<OpenTransaction>;

  constructor(
    client: Client,
    models: ReadonlyMap<string, ModelFiles>,
    files: FileArguments,
    transactions: Transactions<OpenTransaction>,
  ) {
    this.#client = client;
    this.#models = models;
    this.#files = files;
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
  async uploadAll(requests: readonly Request[]): Promise<void> {
    for (const { spec } of requests)
      if (spec?.model && spec.args) await uploadGiven(this.#columns(spec.model, [spec.args.data], 'create'));
  }

  async #write(call: Call, model: string): Promise<unknown> {
    const { operation, args } = call;
    const files = this.#models.get(model);
    const columns = this.#columns(model, [args.data], operation);
    const removes = operation.startsWith('delete') && files !== undefined;
    if (columns.length === 0 && !removes) return call.query(args);
    const current = this.#current(call);
    const own = columns.filter(({ nested }) => !nested);
    const fields = removes ? Object.values(files.fields) : own.map(({ field }) => field);
    const given = new Set(columns.map(column => column.given));
    let begun = false;
    try {
      const olds = files && fields.length > 0 ? await this.#olds(call, files, current) : [];
      refuseOthers(own, olds[0]);
      await uploadGiven(columns, olds[0]);
      const statements = files ? await this.#statements(call, files, own, olds, given) : [args];
      return await this.#within(current, async ({ executor, scope }) => {
        begun = true;
        const changes = [...given].map(({ row }) => rowChanges(row));
        const known = own.flatMap(column => (column.given.draft ? [] : column.field));
        const removal = rowRemoval(
          fields.filter(field => !known.includes(field)),
          olds,
        );
        try {
          const results: unknown[] = [];
          for (const statement of statements)
            results.push(await call.query(statement).requestTransaction(executor));
          const result = MANY.test(operation) ? combined(results, operation, olds.length) : results[0];
          for (const change of [...changes, removal]) await change.take(executorIn(this.#client, executor));
          for (const change of [...changes, removal]) await change.written(scope);
          return result;
        } catch (error) {
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
   * Only one of two rows is written, and only its file is to be stored: so it is told first which. What both would do
   * if that changed meanwhile is refused by the database, as Prisma's own upsert may be.
   */
  async #upsert(call: Call, model: string): Promise<unknown> {
    const { create, update, ...args } = call.args;
    const columns = [
      ...this.#columns(model, [create], 'create'),
      ...this.#columns(model, [update], 'update'),
    ];
    if (columns.length === 0) return call.query(call.args);
    const property = model.charAt(0).toLowerCase() + model.slice(1);
    const found = await run(
      delegateOf(this.#client, property).findUnique({ where: args.where }),
      this.#current(call)?.executor,
    );
    const { where, ...others } = args;
    const [operation, known] = found
      ? ['update', { ...others, where, data: update }]
      : ['create', { ...others, data: create }];
    const internal = {
      ...call.__internalParams,
      action: operation,
      clientMethod: `${property}.${operation}`,
    };
    try {
      const query: Call['query'] = next => call.query(next, internal);
      return await this.#write({ ...call, operation, args: known, query }, model);
    } finally {
      this.#forget(new Set(columns.map(({ given }) => given)), this.#current(call));
    }
  }

  /** @throws `invalid-argument` for a text; `unsupported` where nobody can tell which file the row has. */
  #columns(model: string, rows: readonly unknown[], operation: string): WrittenColumn[] {
    const { models } = this.#client._runtimeDataModel;
    const columns: WrittenColumn[] = [];
    for (const row of rows.flat().filter(isObject))
      for (const { model: name, data, nested } of writtenRows(models, model, row)) {
        const files = this.#models.get(name);
        for (const field of Object.values(files?.fields ?? {})) {
          const value = isObject(data[field.name]) ? (data[field.name] as Args).set : data[field.name];
          const label = `${name}.${field.name}`;
          const creates = nested ? nested === 'create' : operation.startsWith('create');
          if (!files || (value !== null && typeof value !== 'string') || (creates && value === null))
            continue;
          if (nested && !creates) throw nestedUpdate(label);
          const given = value === null ? draftOf(field, null) : this.#files.get(field, value, label);
          if (columns.some(column => column.given === given)) throw usedTwice(label);
          columns.push({ field, files, data, nested: nested !== undefined, given });
        }
      }
    return columns;
  }

  async #olds(
    { operation, args }: Call,
    files: ModelFiles,
    current: Current | undefined,
  ): Promise<Columns[]> {
    if (operation.startsWith('create')) return [];
    const { delegate, select } = files;
    const { where, limit } = args;
    if (!MANY.test(operation))
      return [await run(delegate.findUniqueOrThrow({ where, select }), current?.executor)];
    const limited = limit === undefined ? {} : { take: limit };
    return run(delegate.findMany({ where: where ?? {}, select, ...limited }), current?.executor);
  }

  /** The call's arguments with names for files; conditions are what the rows were found to have, by compare-and-set. */
  async #statements(
    { operation, args }: Call,
    files: ModelFiles,
    own: readonly WrittenColumn[],
    olds: readonly Columns[],
    given: Set<GivenFile>,
  ): Promise<Args[]> {
    const { limit: _, ...unlimited } = args;
    const removes = operation.startsWith('delete');
    const fields = removes ? Object.values(files.fields) : own.map(({ field }) => field);
    const namesOf = (old: Columns): Args => Object.fromEntries(fields.map(({ name }) => [name, old[name]]));
    const rowOf = (old: Columns): Args => ({ ...files.keyOf(old), ...namesOf(old) });
    if (operation === 'deleteMany') {
      const statements: Args[] = [];
      for (let start = 0; start < olds.length; start += CHUNK)
        statements.push({ where: { OR: olds.slice(start, start + CHUNK).map(rowOf) } });
      return statements;
    }
    if (MANY.test(operation)) {
      // Each row gets an object of its own.
      const copies = olds
        .slice(1)
        .map(() => own.map(({ field, given }) => draftOf(field, field.of(given.row as never))));
      for (const copy of copies.flat()) given.add(copy);
      await upload(copies.flat().map(({ row }) => row));
      const files = [own.map(column => column.given), ...copies];
      return olds.map((old, index) => ({
        ...unlimited,
        where: rowOf(old),
        data: Object.assign({}, args.data, ...(files[index] ?? []).map(({ row }) => rowChanges(row).values)),
      }));
    }
    const [old] = olds;
    if (!old) return [args];
    const names = namesOf(old);
    for (const { given } of own) if (!given.draft) Object.assign(names, rowChanges(given.row).expect);
    const where = args.where as Args;
    return [{ ...args, where: { ...where, AND: [where.AND ?? [], names].flat() } }];
  }

  /** The transaction that a call belongs to. @throws `unsupported` where it is not known here. */
  #current({ __internalParams: { transaction } }: Call): Current | undefined {
    if (!transaction) return undefined;
    const { current } = this.#transactions;
    if (transaction.kind === 'itx' && transaction.id === current?.executor.id) return current;
    throw new FieldFileError(
      'unsupported',
      'Files were written in a transaction that was not begun by $transaction of this client: extend it last.',
      { operation: 'write' },
    );
  }

  #within<T>(current: Current | undefined, work: (current: Current) => Promise<T>): Promise<T> {
    if (current) return work(current);
    const transactions = this.#transactions;
    const client = this.#client;
    return transactions.outside(() =>
      transactions.run(begin(client, client.$transaction, {}), () => work(transactions.current as Current)),
    );
  }

  /** Arguments are for one call; in a transaction that is tried again, for each time. */
  #forget(given: Iterable<GivenFile>, current: Current | undefined): void {
    const forget = (): void => this.#files.forget(given);
    if (!current) {
      forget();
      return;
    }
    let { scope } = current;
    while (scope.parent) scope = scope.parent;
    const end = async (): Promise<void> => forget();
    const ended: ScopedChange = {
      committed: end,
      rolledBack: end,
      unknown: end,
      restore: () => {},
      rewind: async () => scope.add(ended),
    };
    scope.add(ended);
  }
}

/** Stores files, and puts their names and what is kept beside them in their place. */
async function uploadGiven(columns: readonly WrittenColumn[], old: Columns = {}): Promise<void> {
  for (const { given, files, data, nested } of columns) {
    if (!given.draft) continue;
    const known = { ...(nested ? {} : old), ...data };
    for (const [name, value] of Object.entries(known))
      if (!(name in files.fields) && !isObject(value)) given.row[name] = value;
  }
  await upload(columns.map(({ given }) => given.row));
  for (const { given, data } of columns) Object.assign(data, rowChanges(given.row).values);
}

/** @throws `invalid-argument` where a file that was assigned to one row is given to another. */
function refuseOthers(columns: readonly WrittenColumn[], old: Columns | undefined): void {
  for (const { given, files, field } of columns) {
    const key = JSON.stringify(Object.values((old && files.keyOf(old)) ?? {}).map(String));
    if (given.draft || key === JSON.stringify(Object.values(files.keyOf(given.row) ?? {}).map(String)))
      continue;
    throw new FieldFileError(
      'invalid-argument',
      `A file assigned to one row was given to another (${field.name}).`,
      {
        operation: 'write',
      },
    );
  }
}

/** @throws `conflict` where fewer rows were hit than there were. */
function combined(results: readonly unknown[], operation: string, expected: number): unknown {
  const returned = operation.endsWith('AndReturn') ? results.flat() : undefined;
  const count =
    returned?.length ?? (results as { count: number }[]).reduce((sum, { count }) => sum + count, 0);
  if (count === expected) return returned ?? { count };
  throw new FieldFileError(
    'conflict',
    `Of ${expected} rows ${expected - count} were changed or removed meanwhile: nothing was written.`,
    { operation, retryable: true },
  );
}

const nestedUpdate = (label: string): FieldFileError =>
  new FieldFileError(
    'unsupported',
    `${label} cannot be updated by a nested write, where nobody tells which file the row has: update it by a call of its own.`,
    { operation: 'write', field: label },
  );

const usedTwice = (label: string): FieldFileError =>
  new FieldFileError(
    'content-consumed',
    `One file was given to two rows (${label}): make an argument for each.`,
    {
      operation: 'write',
      field: label,
    },
  );
