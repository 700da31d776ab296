import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AnyFileField, defineFiles, model, type Storage } from '@fieldfile/core';
import { type RecoverReport, recover } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import { MemoryTable } from '@fieldfile/memory/table';
import { toNodeHandler } from '../src/node.ts';
import { type TusOptions, tus } from '../src/tus.ts';

export interface Row {
  id: number;
  file: string | null;
}

export const FOR = { for: 'ann' };

/** Options of a handler that differ from the usual ones. */
export type SomeTusOptions = { readonly [Option in keyof TusOptions]?: TusOptions[Option] | undefined };

/** An application that takes uploads. */
export interface TusWorld {
  readonly journal: SqliteJournal;
  readonly field: AnyFileField;
  handler(options?: SomeTusOptions): (request: Request) => Promise<Response>;
  /** What the application does with the token that a client was given. */
  keep(token: string): Promise<Row>;
  recover(): Promise<RecoverReport>;
  names(): Promise<string[]>;
}

/** One with one field, its table and its journal. */
export function tusWorld(storage: Storage, journalFile: string): TusWorld {
  const journal = new SqliteJournal(journalFile);
  const table = new MemoryTable<Row>({ key: ['id'], files: ['file'], journal });
  const fields = defineFiles(
    model<Row>()('film', 'id'),
    { file: { storage, maxLength: 200, claims: { signingKey: 'a key of claims with 32 bytes or more' } } },
    table.binding,
  );
  let rows = 0;
  return {
    journal,
    field: fields.file,
    handler: (options = {}) =>
      // What is taken away of the usual ones is undefined, as where it is not given.
      tus({
        ...{ field: fields.file, baseUrl: '/uploads/', authorize: () => true, user: () => FOR.for },
        ...options,
      } as TusOptions),
    async keep(token) {
      const row: Row = { id: ++rows, file: null };
      fields.file.set(row, await fields.file.redeem(token, FOR));
      await table.insert(row);
      return row;
    },
    recover: () => recover(journal),
    names: () => Array.fromAsync(storage.list(), ({ name }) => String(name)),
  };
}

export interface TusSite extends AsyncDisposable {
  readonly origin: string;
  readonly server: Server;
}

export async function tusSite(handler: (request: Request) => Promise<Response>): Promise<TusSite> {
  const server = createServer(toNodeHandler(handler));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    async [Symbol.asyncDispose]() {
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
