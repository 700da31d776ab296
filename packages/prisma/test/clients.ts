import { PrismaLibSql } from '@prisma/adapter-libsql';
import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './client/client.js';
import { getPrismaClientClass } from './client/internal/class.js';

export const postgresClient = (url: string, poolSize = 10): PrismaClient =>
  postgresClientOf(new PrismaPg({ connectionString: url, max: poolSize }));

/** @param adapter of PostgreSQL, by whatever driver. */
export const postgresClientOf = (adapter: object): PrismaClient =>
  new PrismaClient({ adapter: adapter as PrismaPg });

/** The same client for SQLite. */
export function sqliteClient(path: string): PrismaClient {
  return sqliteClientOf(closingRefused(new PrismaLibSql({ url: `file:${path}` })));
}

/** @param adapter of SQLite, by whatever driver. */
export const sqliteClientOf = (adapter: object): PrismaClient =>
  clientOf('sqlite', adapter as Adapter, schema => schema.replaceAll(/@db\.VarChar\(\d+\)/g, ''));

/** The same client for MySQL and MariaDB. */
export function mariadbClient(url: string, poolSize = 10): PrismaClient {
  const { hostname, port, username, password, pathname } = new URL(url);
  const adapter = new PrismaMariaDb({
    ...{ host: hostname, port: Number(port), user: username, password, database: pathname.slice(1) },
    connectionLimit: poolSize,
  });
  return clientOf('mysql', adapter, schema => schema);
}

type Adapter = PrismaPg | PrismaLibSql | PrismaMariaDb;

/** What Prisma generates for another database has another provider, and another compiler of queries. */
function clientOf(
  provider: 'sqlite' | 'mysql',
  adapter: Adapter,
  schemaOf: (schema: string) => string,
): PrismaClient {
  const runtime = import.meta.resolve(`@prisma/client/runtime/query_compiler_fast_bg.${provider}.mjs`);
  const compiler = runtime.slice(0, -'.mjs'.length);
  const configOverride = (config: { readonly inlineSchema: string }): object => ({
    ...config,
    activeProvider: provider,
    inlineSchema: schemaOf(config.inlineSchema.replace('"postgresql"', `"${provider}"`)),
    compilerWasm: {
      getRuntime: () => import(`${compiler}.mjs`),
      async getQueryCompilerWasmModule() {
        const { wasm } = await import(`${compiler}.wasm-base64.mjs`);
        return new WebAssembly.Module(Buffer.from(wasm, 'base64'));
      },
      importName: './query_compiler_fast_bg.js',
    },
  });
  // A class of its own: what it is told stays.
  const Client = getPrismaClientClass();
  return new Client({ adapter, __internal: { configOverride } } as { adapter: Adapter });
}

/**
 * After a COMMIT that SQLite refuses (a deferred foreign key), the adapter leaves its transaction open, which locks the
 * database until it is collected (7.10.0): it is rolled back here.
 */
function closingRefused(adapter: PrismaLibSql): PrismaLibSql {
  const connect = adapter.connect.bind(adapter);
  adapter.connect = async () => {
    const connected = await connect();
    const start = connected.startTransaction.bind(connected);
    connected.startTransaction = async isolationLevel => {
      const transaction = await start(isolationLevel);
      const commit = transaction.commit.bind(transaction);
      transaction.commit = () =>
        commit().catch(error => {
          (transaction as unknown as { readonly client: { close(): void } }).client.close();
          throw error;
        });
      return transaction;
    };
    return connected;
  };
  return adapter;
}
