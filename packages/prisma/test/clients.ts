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
  const adapter = new PrismaLibSql({ url: `file:${path}` });
  // A class of its own: what it is told stays.
  const SqliteClient = getPrismaClientClass();
  return new SqliteClient({ adapter, __internal: { configOverride } } as { adapter: PrismaLibSql });
}

const COMPILER = import.meta.resolve('@prisma/client/runtime/query_compiler_fast_bg.sqlite.mjs').slice(0, -4);
