import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mariadbMissing } from '@fieldfile/test-servers/mariadb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkTable } from '../src/links/link-table.ts';
import { type LinkDatabase, mariadbDatabase, postgresDatabase, sqliteDatabase } from './link-databases.ts';
import { type LinkServerOptions, type OpenedLinks, openLinks } from './link-server.ts';

const USES = 3;
const CLIENTS = 200;

describe('two processes with links in SQLite', () => contract(sqliteDatabase));
describe('two processes with links in PostgreSQL', () => contract(postgresDatabase));
const missing = mariadbMissing();
describe.skipIf(missing)(`two processes with links in MariaDB${missing ? ` (${missing})` : ''}`, () =>
  contract(mariadbDatabase),
);

function contract(start: () => Promise<LinkDatabase>): void {
  const root = mkdtempSync(join(tmpdir(), 'fieldfile-link-processes-'));
  let database: LinkDatabase;
  let own: OpenedLinks;
  let servers: readonly Server[] = [];
  beforeAll(async () => {
    database = await start();
    for (const statement of linkTable(database.dialect)) await database.execute(statement, []);
    const options = { connection: database.connection, root, secret: 'a secret that both processes know' };
    own = await openLinks(options);
    await own.storage.save('a.txt', 'hello');
    servers = await Promise.all([startServer(options), startServer(options)]);
  });
  afterAll(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
    await own.database[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    rmSync(root, { recursive: true });
  });

  const give = (options: { readonly expiresInSeconds: number; readonly uses?: number }) =>
    own.links.give({ storage: own.storage, name: 'a.txt' }, options);
  /** What each server answers. */
  const ask = (url: string, cookie?: string) =>
    Promise.all(
      servers.map(async ({ origin }) => {
        const response = await fetch(origin + url, { headers: cookie === undefined ? {} : { cookie } });
        return {
          status: response.status,
          text: await response.text(),
          cookies: response.headers.getSetCookie(),
        };
      }),
    );

  test(`${CLIENTS} clients at once of a link for ${USES} uses have ${USES}`, async () => {
    const given = await give({ expiresInSeconds: 600, uses: USES });
    const answers = (await Promise.all(Array.from({ length: CLIENTS / 2 }, () => ask(given.url)))).flat();
    const got = answers.filter(({ status }) => status === 200);
    expect(got.map(({ text }) => text)).toEqual(Array.from({ length: USES }, () => 'hello'));
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(CLIENTS - USES);
    expect(await own.links.get(given.id)).toMatchObject({ uses: USES, state: 'used-up' });
    expect((await ask(given.url)).map(({ status }) => status)).toEqual([410, 410]);
  });

  test('a session of one process is one of the other, and ends in both when the link is taken back', async () => {
    const given = await give({ expiresInSeconds: 600, uses: 1 });
    const [server] = servers;
    const first = await fetch((server?.origin ?? '') + given.url);
    const cookie = first.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    expect((await ask(given.url, cookie)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await ask(given.url)).map(({ status }) => status)).toEqual([410, 410]);
    await own.links.takeBack({ id: given.id });
    expect((await ask(given.url, cookie)).map(({ status }) => status)).toEqual([410, 410]);
  });

  test('a link that was taken back gives nothing in either, at the next request', async () => {
    const given = await give({ expiresInSeconds: 600 });
    expect((await ask(given.url)).map(({ status }) => status)).toEqual([200, 200]);
    await own.links.takeBack({ id: given.id });
    expect((await ask(given.url)).map(({ status }) => status)).toEqual([410, 410]);
  });

  test('a link that is over gives nothing in either, a second later at most', async () => {
    const given = await give({ expiresInSeconds: 1 });
    for (;;) {
      const askedAt = Date.now();
      const statuses = (await ask(given.url)).map(({ status }) => status);
      if (askedAt > given.expiresAt.getTime() + 1000) expect(statuses).toEqual([410, 410]);
      if (statuses.every(status => status === 410)) break;
    }
    expect((await own.links.get(given.id))?.state).toBe('expired');
  });
}

interface Server extends AsyncDisposable {
  readonly origin: string;
}

async function startServer(options: LinkServerOptions): Promise<Server> {
  const child: ChildProcess = spawn(
    process.execPath,
    [
      ...['--conditions=@fieldfile/source', '--disable-warning=ExperimentalWarning'],
      ...[join(import.meta.dirname, 'link-server.ts'), JSON.stringify(options)],
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const origin = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    child.once('exit', status => reject(new Error(`The server ended with ${status}.`)));
  });
  return {
    origin,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.stdin?.end();
      await ended;
    },
  };
}
