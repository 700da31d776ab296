import { FieldFileError } from '@fieldfile/core';
import { askBeforeCommit, type Begin, type Columns } from '@fieldfile/core/binding';
import type { SqlExecutor, SqlResult } from '@fieldfile/core/journal';

/** Arguments of a call: what Prisma's own types have checked. */
export type Args = Record<string, unknown>;

/** A call that Prisma sends when it is awaited: in the transaction it is given, or by itself. */
export interface Request<T = unknown> extends PromiseLike<T> {
  requestTransaction(transaction: { readonly kind: 'itx'; readonly id: string }): PromiseLike<T>;
  readonly spec?: { readonly action: string; readonly model?: string; readonly args?: Args };
}

/** What is asked of one model. */
export interface Delegate {
  groupBy(args: Args): Request<Columns[]>;
  findFirst(args: Args): Request<Columns | null>;
  findMany(args: Args): Request<Columns[]>;
  findUnique(args: Args): Request<Columns | null>;
  findUniqueOrThrow(args: Args): Request<Columns>;
  updateMany(args: Args): Request<{ readonly count: number }>;
}

/** What a schema says of a model, as far as it matters here. */
export interface SchemaModel {
  readonly dbName: string | null;
  readonly schema: string | null;
  readonly fields: readonly {
    readonly name: string;
    readonly kind: string;
    readonly type: string;
    readonly dbName?: string;
  }[];
}

/** The models of a schema. */
export type Models = Readonly<Record<string, SchemaModel>>;

/** A client of whatever schema, and what is used of its inside, which has no types. */
export interface Client {
  $transaction<T>(work: (transaction: Client) => Promise<T>, options?: object): Promise<T>;
  $queryRawUnsafe(sql: string, ...parameters: unknown[]): Request<SqlResult['rows']>;
  $executeRawUnsafe(sql: string, ...parameters: unknown[]): Request<number>;
  readonly _activeProvider: string;
  /** What an extended client, or a transaction's, was made of. */
  readonly _originalClient: Client;
  readonly _engineConfig: {
    readonly adapter?: { readonly adapterName?: string; readonly externalPool?: object | null };
  };
  readonly _runtimeDataModel: { readonly models: Models };
}

/** The client that read replicas were added to, where they were: a replica may not know yet what was just written. */
export function primaryOf(client: Client): Client {
  const { $primary } = client as { readonly $primary?: unknown };
  return typeof $primary === 'function' ? ($primary.call(client) as Client) : client;
}

/** What a client calls a model: `User` is `user`. */
export const propertyOf = (model: string): string => model.charAt(0).toLowerCase() + model.slice(1);

export const delegateOf = (client: Client, model: string): Delegate =>
  (client as unknown as Readonly<Record<string, Delegate>>)[propertyOf(model)] as Delegate;

/** Where requests run: in an open transaction, or each by itself. */
export class Connection {
  /** What a transaction's work is given. */
  readonly client: Client;
  /** Of the transaction, if it is one. */
  readonly id: string | undefined;
  /** The client as it was before it was extended. */
  readonly base: Client;
  /** What runs SQL text. */
  readonly #raw: Client;
  /** One of its statements failed. */
  failed = false;

  /**
   * @param opened the client of a transaction.
   * @param raw what runs SQL text. Default: the client without any extension, which could change what is read.
   */
  constructor(base: Client, opened?: Client, raw: Client = base._originalClient) {
    this.base = base;
    this.#raw = raw;
    this.client = opened ?? base;
    this.id = transactionOf(this.client);
    if (opened && !this.id)
      throw new FieldFileError('unsupported', 'This release of Prisma has another inside: see the README.', {
        operation: 'transaction',
      });
  }

  async run<T>(request: Request<T>): Promise<T> {
    const { id } = this;
    try {
      return await (id === undefined ? request : request.requestTransaction({ kind: 'itx', id }));
    } catch (error) {
      this.failed = true;
      throw withSqlState(error);
    }
  }

  get execute(): SqlExecutor {
    return async (sql, parameters) => {
      const counts = dialectOf(this.base) === 'mysql' && !READS.test(sql); // it has no RETURNING
      if (!counts) return { rows: await this.run(this.#raw.$queryRawUnsafe(sql, ...parameters)) };
      return { rows: [], affectedRows: await this.run(this.#raw.$executeRawUnsafe(sql, ...parameters)) };
    };
  }
}

const READS = /^\s*\(?(select|show)\b/i;

/** MySQL stands for MariaDB, too. */
export function dialectOf({ _activeProvider }: Client): 'postgresql' | 'mysql' | 'sqlite' {
  return _activeProvider === 'postgresql' || _activeProvider === 'mysql' ? _activeProvider : 'sqlite';
}

const SCOPE = Symbol.for('prisma.client.transaction.scope_context');

/** The id of the transaction that a client was made for, by `$transaction`. */
export const transactionOf = (client: Client): string | undefined =>
  (client as { readonly [SCOPE]?: { readonly txId?: string } })[SCOPE]?.txId;

/** Opens a transaction by `$transaction` of the client, which is `base` or was made of it. */
export const begin =
  (base: Client, client: Client = base, options: object = {}): Begin<Connection> =>
  async <T>(work: (connection: Connection) => Promise<T>) => {
    const worked = async (opened: Client): Promise<unknown> => {
      const connection = new Connection(base, opened);
      const result = await work(connection);
      if (connection.failed && dialectOf(base) === 'postgresql') await askBeforeCommit(connection.execute);
      return result;
    };
    try {
      return (await base.$transaction.call(client, worked, options)) as T;
    } catch (error) {
      throw withSqlState(error);
    }
  };

/** Any Prisma client of an SQL database. */
export interface RawClient {
  $queryRawUnsafe(sql: string, ...parameters: unknown[]): PromiseLike<unknown>;
}

/**
 * Runs SQL text, past all extensions: what `SqlJournal` takes as `execute`, made of a client with a pool of its own.
 *
 * @example
 * ```ts
 * import { SqlJournal } from '@fieldfile/core/journal';
 * import { type RawClient, sqlExecutor } from '@fieldfile/prisma';
 *
 * declare const journalClient: RawClient; // a second PrismaClient: `new PrismaPg({ connectionString, max: 1 })`
 * export const journal = new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(journalClient) });
 * ```
 */
export const sqlExecutor = (client: RawClient): SqlExecutor =>
  Object.assign(new Connection(client as Client).execute, { database: poolOf(client as Client) });

/** What clients on one pool have in common: the pool that their adapters were given, or the client they were made of. */
export const poolOf = ({ _engineConfig, _originalClient }: Client): object =>
  _engineConfig.adapter?.externalPool ?? _originalClient;

/**
 * Shows the database's own code where core looks for one: Prisma keeps it out of sight, in two shapes.
 *
 * @see https://www.prisma.io/docs/orm/reference/error-reference
 */
export function withSqlState(error: unknown): unknown {
  if (!(error instanceof Error) || error.cause instanceof Error) return error;
  const { code, meta, cause } = error as {
    readonly code?: string;
    readonly meta?: { readonly driverAdapterError?: { readonly cause?: DriverError } };
    readonly cause?: DriverError;
  };
  const driver = meta?.driverAdapterError?.cause ?? cause;
  const state = code === 'P2034' ? '40001' : code === 'P2028' ? '40000' : driver?.originalCode;
  if (state)
    error.cause = Object.assign(new Error(driver?.originalMessage ?? error.message), { code: state });
  return error;
}

interface DriverError {
  readonly originalCode?: string;
  readonly originalMessage?: string;
}
