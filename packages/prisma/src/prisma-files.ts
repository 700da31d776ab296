import {
  type FieldFile,
  FieldFileError,
  type FieldOptions,
  type FileField,
  type FileKey,
} from '@fieldfile/core';
import {
  type Columns,
  OWNER,
  refuseOwnPool,
  savepoint,
  savepointAnchor,
  TableDatabase,
} from '@fieldfile/core/binding';
import type { Journal } from '@fieldfile/core/journal';
import type { ITXClientDenyList, Types } from '@prisma/client/runtime/client';
import {
  begin,
  type Client,
  Connection,
  dialectOf,
  poolOf,
  primaryOf,
  propertyOf,
  type RawClient,
  type Request,
  transactionOf,
  withSqlState,
} from './client.ts';
import { type FileArgument, FileArguments } from './file-arguments.ts';
import { type Call, FileWrites } from './file-writes.ts';
import { type AnyField, ModelFiles } from './model-files.ts';

type ModelName<Client> = {
  [Name in keyof Client & string]: Client[Name] extends { findUniqueOrThrow: unknown } ? Name : never;
}[keyof Client & string];

type Row<Delegate> = Types.Public.Payload<Delegate>['scalars'];

/** The file columns of a model. */
export interface FilesOfModel<Row extends object> {
  /** The fields of its `@id` or `@@id`. Default: `id`. */
  readonly key?: readonly (keyof Row & string)[];
  /** Prisma's client knows no column's length: tell it as `maxLength`. */
  readonly fields: { readonly [Name in FileKey<Row>]?: FieldOptions<Row> };
}

/** The file columns of models, by the names the client has for these. */
export type FilesOf<Client> = { readonly [Name in ModelName<Client>]?: FilesOfModel<Row<Client[Name]>> };

export interface PrismaFilesOptions<Models> {
  readonly models: Models;
  /**
   * Answers questions about all rows (does one still name this object?): a client that sees all of them, on the primary.
   * Needed when row-level security hides rows. Default: the client itself.
   */
  readonly reader?: RawClient;
  /** `SqlJournal` in PostgreSQL, MySQL or MariaDB, on a pool of its own (`sqlExecutor(journalClient)`); `SqliteJournal` beside SQLite. */
  readonly journal?: Journal;
  /** How long a save or savepoint waits for the one before it on the same connection. Default: 30. */
  readonly siblingWaitSeconds?: number;
}

type FieldsOf<Model> = Model extends { readonly fields: infer Fields } ? Fields : never;
type KeyOf<Model> = Model extends { readonly key: readonly (infer Key)[] } ? Key : 'id';

type Arguments<Row extends object, Model> = {
  readonly [Column in keyof FieldsOf<Model>]: FileArgument<
    FileField<Row, KeyOf<Model> & keyof Row, Column & keyof Row>
  >;
};

/** What `$extends` takes. */
export interface PrismaFiles<Client, Models> {
  readonly name: string;
  readonly result: {
    readonly [Name in keyof Models]: {
      readonly [Column in keyof FieldsOf<Models[Name]>]: {
        readonly needs: Record<never, true>;
        compute(row: object): FieldFile;
      };
    };
  };
  readonly query: object;
  readonly client: {
    readonly $file: {
      readonly [Name in keyof Models]: Arguments<Row<Client[Name & keyof Client]>, Models[Name]>;
    };
    readonly $transaction: RunTransaction;
    /** Runs what takes no part in the transaction at hand, and may outlive it: a worker that is started on first use. */
    $outside<T>(work: () => T): T;
  };
}

interface TransactionSettings {
  readonly maxWait?: number;
  readonly timeout?: number;
  readonly isolationLevel?: 'ReadUncommitted' | 'ReadCommitted' | 'RepeatableRead' | 'Serializable';
}

/** Prisma's own, with files. */
export interface RunTransaction {
  <const Requests extends readonly Types.Public.PrismaPromise<unknown>[]>(
    requests: Requests,
    options?: TransactionSettings,
  ): Promise<{ -readonly [Index in keyof Requests]: Awaited<Requests[Index]> }>;
  /**
   * @param options with `attempts`: how often the work is tried where the database asks for that (`P2034`). What was
   * uploaded before is stored once. Default: 1.
   */
  <Client, T>(
    this: Client,
    work: (transaction: Omit<Client, ITXClientDenyList>) => Promise<T>,
    options?: TransactionSettings & { readonly attempts?: number },
  ): Promise<T>;
}

/**
 * Gives the models of a Prisma client files: an extension for `$extends`.
 *
 * @param client the same client, as it is before.
 * @throws `invalid-argument` for a model or field that the schema does not have, or a journal on the client's own pool.
 */
export function prismaFiles<Client extends object, const Models extends FilesOf<Client>>(
  client: Client,
  options: PrismaFilesOptions<Models>,
): PrismaFiles<Client, Models>;
export function prismaFiles(given: object, options: PrismaFilesOptions<object>): unknown {
  const client = primaryOf(given as Client);
  const { models, journal, siblingWaitSeconds } = options;
  const reader = options.reader as Client | undefined;
  refuseWithoutTransactions(client);
  refuseOwnPool(journal, poolOf(client));
  const database = new TableDatabase<Connection>({
    executor: new Connection(client),
    reader: reader && new Connection(reader, undefined, reader),
    begin: begin(client),
    savepoint: outer => savepoint(outer, ({ execute }) => execute),
    execute: ({ execute }) => execute,
    journal,
    siblingWaitSeconds,
    anchor: savepointAnchor(dialectOf(client), ({ execute }) => execute),
  });
  const schemas = client._runtimeDataModel.models;
  const files = new FileArguments();
  const known = new Map<string, ModelFiles>();
  const result: Record<string, object> = {};
  const $file: Record<string, object> = {};
  for (const [property, declared] of Object.entries(models as Record<string, FilesOfModel<Columns>>)) {
    const { key = ['id'], fields } = declared;
    const name = Object.keys(schemas).find(model => propertyOf(model) === property) ?? property;
    const schema = schemas[name];
    const missing = [...key, ...Object.keys(fields)].find(
      column => !schema?.fields.some(field => field.name === column),
    );
    if (!schema || missing) throw unknownName(missing ? `${name}.${missing}` : name);
    const model = new ModelFiles({ client, name, key, fields: fields as never, schema, database });
    known.set(name, model);
    const declaredFields = Object.entries(model.fields);
    result[property] = Object.fromEntries(
      declaredFields.map(([name, field], index) => {
        const below = declaredFields.slice(0, index).map(([name]) => name);
        return [name, column(field, key, below)];
      }),
    );
    $file[property] = Object.fromEntries(declaredFields.map(([name, field]) => [name, files.of(field)]));
  }
  const writes = new FileWrites({ models: known, schema: schemas, given: files }, database);

  function $transaction(
    this: Client,
    input: unknown,
    settings: { attempts?: number } = {},
  ): Promise<unknown> {
    const { attempts = 1, ...options } = settings;
    const batch = Array.isArray(input) ? (input as Request[]) : undefined;
    const outer = transactionOf(this);
    const foreign = outer !== undefined && !database.isIn(({ id }) => id === outer);
    // What is no request of Prisma's is for Prisma to refuse, and a transaction that is not known here is its own.
    if (foreign || batch?.some(request => !request?.requestTransaction))
      return client.$transaction.call(this, input as never, options);
    const work = async (connection: Connection): Promise<unknown> => {
      if (batch) return inTurn(batch, connection);
      try {
        return await (input as (client: Client) => unknown)(connection.client);
      } catch (error) {
        throw withSqlState(error);
      }
    };
    const begun = (): Promise<unknown> =>
      database.transaction(work, { attempts, begin: begin(client, this, options) });
    if (outer) return begun();
    return database.outside(() => (batch ? writes.batch(batch, begun) : begun()));
  }

  return {
    name: '@fieldfile/prisma',
    result,
    query: { $allOperations: (call: Call) => writes.run(call) },
    client: { $file, $transaction, $outside: <T>(work: () => T): T => database.outside(work) },
  };
}

/**
 * The column as the file it names, computed once for every row object.
 *
 * @param below other such columns. Prisma makes a proxy around the row for each, one around another, and the row behind
 * all of them is the owner: the innermost must come first, whichever is read first.
 */
function column(field: AnyField, key: readonly string[], below: readonly string[]): object {
  return {
    needs: Object.fromEntries([...key, field.name].map(name => [name, true])),
    compute(row: { [OWNER]?: object } & Columns) {
      const value = row[field.name];
      if (typeof value === 'number') return value; // of `count({ select })`
      for (const name of below) void Reflect.get(row, name);
      if (!row[OWNER]) Object.defineProperty(row, OWNER, { value: row });
      return field.of(row[OWNER] as never);
    },
  };
}

async function inTurn(requests: readonly Request[], connection: Connection): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const request of requests) results.push(await connection.run(request));
  return results;
}

/** @throws `unsupported` for the adapter of D1, which takes BEGIN and COMMIT for done and sends each statement by itself. */
function refuseWithoutTransactions({ _engineConfig: { adapter } }: Client): void {
  if (adapter?.adapterName !== '@prisma/adapter-d1') return;
  throw new FieldFileError(
    'unsupported',
    '@prisma/adapter-d1 has no transactions, and a row and its file change in one: keep rows with files in another ' +
      'database, such as libsql (Turso) with @prisma/adapter-libsql.',
    { operation: 'prismaFiles' },
  );
}

const unknownName = (name: string): FieldFileError =>
  new FieldFileError(
    'invalid-argument',
    `The schema has no ${name}: name models as the client does (user).`,
    { operation: 'prismaFiles' },
  );
