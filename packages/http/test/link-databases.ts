import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SqlDialectName, SqlExecutor } from '@fieldfile/core/journal';
import { startMariadb } from '@fieldfile/test-servers/mariadb';
import { startPostgres } from '@fieldfile/test-servers/postgres';
import mysql, { type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import pg from 'pg';

/** How another process reaches a database. */
export type Connection =
  | { readonly dialect: 'sqlite'; readonly path: string }
  | { readonly dialect: 'postgresql'; readonly url: string }
  | { readonly dialect: 'mariadb'; readonly options: mysql.ConnectionOptions };

export interface ConnectedDatabase extends AsyncDisposable {
  readonly dialect: SqlDialectName;
  readonly execute: SqlExecutor;
}

/** A database that several processes can use. */
export interface LinkDatabase extends ConnectedDatabase {
  readonly connection: Connection;
}

export async function connect(connection: Connection): Promise<ConnectedDatabase> {
  const { dialect } = connection;
  if (dialect === 'sqlite') {
    const database = new DatabaseSync(connection.path, { timeout: 20_000 });
    database.exec('PRAGMA journal_mode = WAL');
    return {
      dialect,
      execute: async (sql, parameters) => ({ rows: database.prepare(sql).all(...parameters) }),
      [Symbol.asyncDispose]: async () => database.close(),
    };
  }
  if (dialect === 'postgresql') {
    const pool = new pg.Pool({ connectionString: connection.url, max: 20 });
    pool.on('error', () => {}); // the database goes before an idle connection has
    return {
      dialect,
      execute: (sql, parameters) => pool.query(sql, [...parameters]),
      [Symbol.asyncDispose]: () => pool.end(),
    };
  }
  const pool = mysql.createPool({ ...connection.options, connectionLimit: 20 });
  return {
    dialect,
    async execute(sql, parameters) {
      const [result] = await pool.query<RowDataPacket[] | ResultSetHeader>(sql, [...parameters]);
      return Array.isArray(result) ? { rows: result } : { rows: [], affectedRows: result.affectedRows };
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

export async function sqliteDatabase(): Promise<LinkDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'fieldfile-links-'));
  return connected({ dialect: 'sqlite', path: join(directory, 'links.db') }, async () =>
    rmSync(directory, { recursive: true }),
  );
}

export async function postgresDatabase(): Promise<LinkDatabase> {
  const server = await startPostgres();
  const url = await server.createDatabase();
  return connected({ dialect: 'postgresql', url }, async () => server[Symbol.asyncDispose]());
}

export async function mariadbDatabase(): Promise<LinkDatabase> {
  const server = await startMariadb();
  const options = await server.createDatabase();
  return connected({ dialect: 'mariadb', options }, async () => server[Symbol.asyncDispose]());
}

async function connected(connection: Connection, stop: () => Promise<void>): Promise<LinkDatabase> {
  const database = await connect(connection);
  return {
    ...database,
    connection,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await stop();
    },
  };
}
