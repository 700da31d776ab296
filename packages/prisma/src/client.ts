import { FieldFileError } from '@fieldfile/core';
import type { Columns } from '@fieldfile/core/binding';
import type { SqlExecutor, SqlResult } from '@fieldfile/core/journal';

/** Arguments of a call: what Prisma's own types have checked. */
export type Args = Record<string, unknown>;

/** An interactive transaction, as Prisma's requests are told to run in one. */
export interface PrismaTransaction {
  readonly kind: 'itx';
  readonly id: string;
}

/** A call that Prisma sends when it is awaited: in the transaction it is given, or by itself. */
export interface Request<T = unknown> extends PromiseLike<T> {
  requestTransaction(transaction: PrismaTransaction): PromiseLike<T>;
  readonly spec?: { readonly action: string; readonly model?: string; readonly args?: Args };
}

/** What is asked of one model. */
export interface Delegate {
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

/** A client of whatever schema, and what is used of its inside, which has no types. */
export interface Client {
  $transaction<T>(work: (transaction: Client) => Promise<T>, options?: object): Promise<T>;
  $queryRawUnsafe(sql: string, ...parameters: unknown[]): Request<SqlResult['rows']>;
  readonly _activeProvider: string;
  readonly _runtimeDataModel: { readonly models: Readonly<Record<string, SchemaModel>> };
}

export const delegateOf = (client: Client, model: string): Delegate =>
  (client as unknown as Readonly<Record<string, Delegate>>)[model] as Delegate;

/** What a client calls a model: `User` is `user`. */
export const propertyOf = (model: string): string => model.charAt(0).toLowerCase() + model.slice(1);

/** Runs a call in the transaction, where there is one. */
export const run = <T>(request: Request<T>, transaction: PrismaTransaction | undefined): PromiseLike<T> =>
  transaction ? request.requestTransaction(transaction) : request;

/** An open transaction, and whether one of its statements failed. */
export interface OpenTransaction extends PrismaTransaction {
  readonly client: Client;
  failed: boolean;
}

const SCOPE = Symbol.for('prisma.client.transaction.scope_context');

/** The transaction that a client was made for, by `$transaction`. */
export function transactionOf(client: Client): OpenTransaction | undefined {
  const scope = (client as { readonly [SCOPE]?: { readonly txId?: string } })[SCOPE];
  return scope?.txId === undefined ? undefined : { kind: 'itx', id: scope.txId, client, failed: false };
}

/** Opens a transaction by `$transaction` of a client, or a savepoint where that is a transaction's. */
export const begin =
  (client: Client, transaction: Client['$transaction'], options: object) =>
  <T>(work: (transaction: OpenTransaction) => Promise<T>): Promise<T> =>
    transaction
      .call(
        client,
        opened => {
          const found = transactionOf(opened);
          if (found) return work(found);
          throw new FieldFileError(
            'unsupported',
            'This release of Prisma has another inside: see the README.',
            {
              operation: 'transaction',
            },
          );
        },
        options,
      )
      .catch(error => {
        throw withSqlState(error);
      }) as Promise<T>;

/**
 * Runs SQL text: what `SqlJournal` takes as `execute`.
 *
 * @example
 * ```ts
 * import { SqlJournal } from '@fieldfile/core/journal';
 * import { type RawClient, sqlExecutor } from '@fieldfile/prisma';
 *
 * declare const prisma: RawClient; // your PrismaClient
 * export const journal = new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(prisma) });
 * ```
 */
export const sqlExecutor = (client: RawClient): SqlExecutor => executorIn(client as Client, undefined);

/** Any Prisma client of an SQL database. */
export interface RawClient {
  $queryRawUnsafe(sql: string, ...parameters: unknown[]): PromiseLike<unknown>;
}

export const executorIn =
  (client: Client, transaction: PrismaTransaction | undefined): SqlExecutor =>
  async (sql, parameters) => ({ rows: await run(client.$queryRawUnsafe(sql, ...parameters), transaction) });

/**
 * Shows the database's own code where core looks for one: Prisma keeps it out of sight, in two shapes.
 *
 * @see https://www.prisma.io/docs/orm/reference/error-reference
 */
function withSqlState(error: unknown): unknown {
  if (!(error instanceof Error) || error.cause instanceof Error) return error;
  const { code, meta, cause } = error as PrismaError;
  const driver = meta?.driverAdapterError?.cause ?? cause;
  const state = code === 'P2034' ? '40001' : code === 'P2028' ? '40000' : driver?.originalCode;
  if (state)
    error.cause = Object.assign(new Error(driver?.originalMessage ?? error.message), { code: state });
  return error;
}

interface PrismaError {
  readonly code?: string;
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: DriverError } };
  readonly cause?: DriverError;
}

interface DriverError {
  readonly originalCode?: string;
  readonly originalMessage?: string;
}
