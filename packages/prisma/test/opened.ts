import type { OtherClient } from '@fieldfile/conformance/binding';
import { type Journal, SqlJournal } from '@fieldfile/core/journal';
import { MemoryStorage } from '@fieldfile/memory';
import { sqlExecutor } from '@fieldfile/prisma';
import { postgresContract, sqliteContract } from '@fieldfile/test-servers/databases';
import { afterAll, afterEach, expect } from 'vitest';
import type { PrismaClient } from './client/client.js';
import { postgresClient, sqliteClient } from './clients.ts';

const postgres = postgresContract();
afterAll(() => postgres[Symbol.asyncDispose]());

const disposals: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const dispose of disposals.splice(0).reverse()) await dispose();
});

export interface Opened {
  readonly url: string;
  readonly client: PrismaClient;
  readonly storage: MemoryStorage;
  readonly journal: Journal;
  readonly other: OtherClient;
  objects(): Promise<string[]>;
  /** Objects are those that rows name, and the journal is empty. */
  agrees(): Promise<void>;
}

/** A database with the contract's tables, for one test. */
export async function openDatabase(kind: string, poolSize?: number): Promise<Opened> {
  const database = kind === 'SQLite' ? await sqliteContract() : await postgres.open();
  const { url, other } = database;
  const client = kind === 'SQLite' ? sqliteClient(url) : postgresClient(url, poolSize);
  disposals.push(
    () => database[Symbol.asyncDispose](),
    () => client.$disconnect(),
  );
  const storage = new MemoryStorage();
  const journal = kind === 'SQLite' ? database.journal : postgresJournal(url);
  const objects = async (): Promise<string[]> => {
    const names: string[] = [];
    for await (const { name } of storage.list()) names.push(name);
    return names.sort();
  };
  return {
    ...{ url, client, storage, journal, other, objects },
    async agrees() {
      const names = (await other.rows()).flatMap(({ avatar, cover }) => [avatar ?? [], cover ?? []].flat());
      expect(await objects()).toEqual(names.sort());
      expect(await journal.entries()).toEqual([]);
    },
  };
}

function postgresJournal(url: string): Journal {
  const client = postgresClient(url, 1);
  disposals.push(() => client.$disconnect());
  return new SqlJournal({ dialect: 'postgresql', execute: sqlExecutor(client) });
}
