import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql, {
  type PoolConnection,
  type PoolOptions,
  type ResultSetHeader,
  type RowDataPacket,
} from 'mysql2/promise';
import type { SqlExecutor } from '../../src/journal/sql.ts';
import type { JournalDatabase } from './database.ts';

const URL_VARIABLE = 'FIELDFILE_TEST_MYSQL_URL';

/** Why there is neither MySQL nor MariaDB here; undefined when there is. */
export function mariadbMissing(): string | undefined {
  if (process.env[URL_VARIABLE]) return undefined;
  try {
    execFileSync('mariadbd', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return `no MariaDB: install mariadb-server, or name a MySQL or MariaDB in ${URL_VARIABLE}`;
  }
}

export async function mariadbDatabase(): Promise<JournalDatabase> {
  const given = process.env[URL_VARIABLE];
  const server = given ? undefined : await startMariadb();
  const place: PoolOptions = given ? { uri: given } : { socketPath: server?.socket ?? '', user: 'root' };
  const administrator = await mysql.createConnection(place);
  const database = `fieldfile_${crypto.randomUUID().replaceAll('-', '')}`;
  await administrator.query(`CREATE DATABASE ${database}`);
  const pool = mysql.createPool({ ...place, database, connectionLimit: 20 });
  return {
    dialect: 'mariadb',
    execute: executor(pool),
    async begin() {
      const connection = await pool.getConnection();
      await connection.beginTransaction();
      return {
        execute: executor(connection),
        commit: () => connection.commit().then(() => connection.release()),
        rollback: () => connection.rollback().then(() => connection.release()),
      };
    },
    async [Symbol.asyncDispose]() {
      await pool.end();
      await administrator.query(`DROP DATABASE ${database}`);
      await administrator.end();
      await server?.[Symbol.asyncDispose]();
    },
  };
}

function executor(connection: Pick<PoolConnection, 'query'>): SqlExecutor {
  return async (sql, parameters) => {
    const [result] = await connection.query<RowDataPacket[] | ResultSetHeader>(sql, [...parameters]);
    return Array.isArray(result) ? { rows: result } : { rows: [], affectedRows: result.affectedRows };
  };
}

async function startMariadb(): Promise<{ readonly socket: string } & AsyncDisposable> {
  const directory = mkdtempSync(join(tmpdir(), 'fieldfile-mariadb-'));
  const socket = join(directory, 'socket');
  const common = [`--datadir=${join(directory, 'data')}`, `--user=${process.env.USER ?? 'root'}`];
  execFileSync(
    'mariadb-install-db',
    ['--no-defaults', ...common, '--auth-root-authentication-method=normal', '--skip-test-db'],
    { stdio: 'ignore' },
  );
  const child = spawn(
    'mariadbd',
    [
      '--no-defaults',
      ...common,
      '--skip-networking',
      `--socket=${socket}`,
      '--innodb-flush-log-at-trx-commit=0',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await ready(child);
  return {
    socket,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let told = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      if (told.includes('ready for connections')) resolve();
    });
    child.once('exit', status => reject(new Error(`mariadbd ended with ${status}:\n${told}`)));
  });
}
