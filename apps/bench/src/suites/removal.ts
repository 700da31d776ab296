import { join } from 'node:path';
import { file } from '@fieldfile/core';
import type { Journal } from '@fieldfile/core/journal';
import { fileMigration } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import { KyselyFiles } from '@fieldfile/kysely';
import { MemoryStorage } from '@fieldfile/memory';
import { type Generated, Kysely, SqliteDialect, sql } from 'kysely';
import Libsql from 'libsql';
import type { Comparison, Figures } from '../comparison.ts';

const ROWS = 300;

/** Tables by any name, of file columns by any name. */
type Database = Record<string, Row>;
type Row = { id: Generated<number> } & Record<`f${number}`, string | null>;

interface Declaration {
  readonly tables: number;
  readonly columns: number;
}

/** Before an object goes, every field that could name it is asked. */
export const comparisons: readonly Comparison[] = [
  { title: 'removing a row with a file, without a journal', ways: waysOf(() => undefined) },
  {
    title: 'removing a row with a file, with a journal',
    ways: waysOf(folder => new SqliteJournal(join(folder, `removal-${process.pid}.sqlite`))),
  },
];

function waysOf(openJournal: (folder: string) => SqliteJournal | undefined): Comparison['ways'] {
  const way = (declaration: Declaration) => async (folder: string) => {
    using journal = openJournal(folder);
    return await removeRows(declaration, journal);
  };
  return {
    '1 field declared': way({ tables: 1, columns: 1 }),
    '20 fields of one table': way({ tables: 1, columns: 20 }),
    '20 tables of one field': way({ tables: 20, columns: 1 }),
  };
}

/** What each removal takes, of statements on the rows' database and of time. */
async function removeRows({ tables, columns }: Declaration, journal: Journal | undefined): Promise<Figures> {
  let statements = 0;
  const db = new Kysely<Database>({
    dialect: new SqliteDialect({ database: new Libsql(':memory:') }),
    log: () => {
      statements++;
    },
  });
  const files = new KyselyFiles(db, journal ? { journal } : {});
  const storage = new MemoryStorage();
  const names = Array.from({ length: columns }, (_, column) => `f${column}` as const);
  const fields = Object.fromEntries(names.map(name => [name, { storage, uploadTo: 'files/' }]));
  const declared = [];
  for (let number = 0; number < tables; number++) {
    const table = `t${number}`;
    const list = names.map(name => `${name} text`).join(', ');
    await sql.raw(`CREATE TABLE ${table} (id integer PRIMARY KEY, ${list})`).execute(db);
    for (const statement of fileMigration({ [table]: names }, { dialect: 'sqlite' }))
      await sql.raw(statement).execute(db);
    declared.push(files.define(table, { key: ['id'], fields }));
  }
  const [first] = declared;
  if (!first) throw new Error('No table was declared.');
  const rows = [];
  for (let row = 0; row < ROWS; row++) rows.push(await first.insert({ f0: file('content', `${row}.txt`) }));

  statements = 0;
  const start = performance.now();
  for (const row of rows) await first.delete(row);
  const milliseconds = performance.now() - start;
  const each = statements / ROWS;
  for await (const { name: key } of storage.list()) throw new Error(`${key} was left.`);
  await db.destroy();
  return { statementsEach: each, nanosecondsEach: (milliseconds * 1e6) / ROWS };
}
