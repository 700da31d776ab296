import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';

const URL_VARIABLE = 'FIELDFILE_TEST_MYSQL_URL';

/** How to connect to a database, for `mysql2`. */
export interface MariadbDatabase {
  readonly uri: string;
  /** Where the server listens on no port. */
  readonly socketPath?: string;
}

/** A MariaDB or MySQL server for tests. */
export interface MariadbServer extends AsyncDisposable {
  /** Makes an empty database; it goes with the server. @returns how to connect to it. */
  createDatabase(): Promise<MariadbDatabase>;
}

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

/**
 * Starts MariaDB on a socket in a temporary folder; or takes the server that `FIELDFILE_TEST_MYSQL_URL` names, whose user
 * must be allowed to create databases.
 */
export async function startMariadb(): Promise<MariadbServer> {
  const given = process.env[URL_VARIABLE];
  const server = given ? undefined : await startServer();
  const uri = given ?? 'mysql://root@127.0.0.1';
  const place = server ? { socketPath: server.socket } : {};
  const administrator = await mysql.createConnection({ uri, ...place });
  const databases: string[] = [];
  return {
    async createDatabase() {
      const database = `fieldfile_${crypto.randomUUID().replaceAll('-', '')}`;
      await administrator.query(`CREATE DATABASE ${database}`);
      databases.push(database);
      const own = new URL(uri);
      own.pathname = `/${database}`;
      return { ...place, uri: own.href };
    },
    async [Symbol.asyncDispose]() {
      for (const database of databases) await administrator.query(`DROP DATABASE ${database}`);
      await administrator.end();
      await server?.[Symbol.asyncDispose]();
    },
  };
}

async function startServer(): Promise<{ readonly socket: string } & AsyncDisposable> {
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
      '--character-set-server=utf8mb4',
      '--max-allowed-packet=64M', // the contract has rows of 20 MiB
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
