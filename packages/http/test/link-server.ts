/** Serves links in a process of its own: its argument says where they and the files are. It ends with its input. */
import { FileSystemStorage } from '@fieldfile/fs';
import { linkRoute } from '../src/links/link-route.ts';
import { Links } from '../src/links/links.ts';
import { SqlLinks } from '../src/links/sql-links.ts';
import { Tokens } from '../src/tokens/tokens.ts';
import { type ConnectedDatabase, type Connection, connect } from './link-databases.ts';
import { listen } from './listen.ts';

export interface LinkServerOptions {
  readonly connection: Connection;
  readonly root: string;
  readonly secret: string;
}

export interface OpenedLinks {
  readonly links: Links;
  readonly storage: FileSystemStorage;
  readonly database: ConnectedDatabase;
}

/** The same links, in whatever process. */
export async function openLinks({ connection, root, secret }: LinkServerOptions): Promise<OpenedLinks> {
  const database = await connect(connection);
  const { dialect, execute } = database;
  const storage = new FileSystemStorage({ root });
  const links = new Links({
    store: new SqlLinks({ dialect, execute }),
    tokens: new Tokens({ secrets: secret }),
    baseUrl: '/links/',
    storages: [storage],
  });
  return { links, storage, database };
}

if (import.meta.main) {
  const { links, database } = await openLinks(JSON.parse(process.argv[2] ?? '{}') as LinkServerOptions);
  const site = await listen(linkRoute(links));
  console.log(site.origin);
  for await (const _ of process.stdin);
  await site[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
}
