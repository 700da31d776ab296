import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';

export { deadlock, deadlockTable } from './databases/deadlock.ts';
export { CommitProxy, type LostCommit } from './postgres/commit-proxy.ts';

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
  /** Kills the server in the midst of what it does, and starts it again. Left out where it is not this process's. */
  killAndRestart?(): Promise<void>;
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
 *
 * @param more of the server's own arguments; not of one that is named.
 */
export async function startMariadb(more: readonly string[] = []): Promise<MariadbServer> {
  const given = process.env[URL_VARIABLE];
  const server = given ? undefined : await startServer(more);
  const uri = given ?? 'mysql://root@127.0.0.1';
  const place = server ? { socketPath: server.socket } : {};
  // A pool, which connects again after a restart.
  const administrator = mysql.createPool({ uri, ...place, connectionLimit: 1 });
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
    ...(server && { killAndRestart: server.killAndRestart }),
    async [Symbol.asyncDispose]() {
      for (const database of databases) await administrator.query(`DROP DATABASE ${database}`);
      await administrator.end();
      await server?.[Symbol.asyncDispose]();
    },
  };
}

interface OwnServer extends AsyncDisposable {
  readonly socket: string;
  killAndRestart(): Promise<void>;
}

async function startServer(more: readonly string[]): Promise<OwnServer> {
  const directory = mkdtempSync(join(tmpdir(), 'fieldfile-mariadb-'));
  const socket = join(directory, 'socket');
  const common = [`--datadir=${join(directory, 'data')}`, `--user=${process.env.USER ?? 'root'}`];
  execFileSync(
    'mariadb-install-db',
    ['--no-defaults', ...common, '--auth-root-authentication-method=normal', '--skip-test-db'],
    { stdio: 'ignore' },
  );
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(
      'mariadbd',
      [
        '--no-defaults',
        ...common,
        '--skip-networking',
        `--socket=${socket}`,
        '--character-set-server=utf8mb4',
        '--max-allowed-packet=64M', // the contract has rows of 20 MiB
        '--innodb-flush-log-at-trx-commit=2', // what was committed outlives the process, if not the machine
        ...more,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    await ready(child);
    return child;
  };
  let child = await start();
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return {
    socket,
    async killAndRestart() {
      await end('SIGKILL');
      child = await start();
    },
    async [Symbol.asyncDispose]() {
      await end('SIGTERM');
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
