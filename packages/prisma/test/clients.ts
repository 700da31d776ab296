import { PrismaLibSql } from '@prisma/adapter-libsql';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './client/client.js';
import { getPrismaClientClass } from './client/internal/class.js';

export const postgresClient = (url: string, poolSize = 10): PrismaClient =>
  new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: poolSize }) });

/** The same client for SQLite: what Prisma generates for it has another provider and another compiler of queries. */
export function sqliteClient(path: string): PrismaClient {
  const configOverride = (config: { readonly inlineSchema: string }): object => ({
    ...config,
    activeProvider: 'sqlite',
    inlineSchema: config.inlineSchema
      .replace('"postgresql"', '"sqlite"')
      .replaceAll(/@db\.VarChar\(\d+\)/g, ''),
    compilerWasm: {
      getRuntime: () => import(`${COMPILER}.mjs`),
      async getQueryCompilerWasmModule() {
        const { wasm } = await import(`${COMPILER}.wasm-base64.mjs`);
        return new WebAssembly.Module(Buffer.from(wasm, 'base64'));
      },
      importName: './query_compiler_fast_bg.js',
    },
  });
  const adapter = closingRefused(new PrismaLibSql({ url: `file:${path}` }));
  // A class of its own: what it is told stays.
  const SqliteClient = getPrismaClientClass();
  return new SqliteClient({ adapter, __internal: { configOverride } } as { adapter: PrismaLibSql });
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

const COMPILER = import.meta.resolve('@prisma/client/runtime/query_compiler_fast_bg.sqlite.mjs').slice(0, -4);
