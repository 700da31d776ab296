import { isFieldFileError, Storage } from '@fieldfile/core';
import { contentOf } from './content.ts';
import { Documents } from './documents.ts';
import { openBackend, openDatabase, openJournal, type World } from './world.ts';

/** What a process of writers is told, as JSON in its first argument. */
export interface WriterOrder {
  readonly world: World;
  readonly name: string;
  readonly row: string;
  readonly writers: number;
  /** Replacements that each writer is to get through. */
  readonly times: number;
}

const { world, name, row, writers, times } = JSON.parse(process.argv[2] ?? '{}') as WriterOrder;
await using database = await openDatabase(world);
const journal = openJournal(world, database);
const storage = new Storage(await openBackend(world));
let conflicts = 0;
await Promise.all(Array.from({ length: writers }, (_, index) => write(`${name}-${index}`)));
process.stdout.write(JSON.stringify({ conflicts }));

async function write(writer: string): Promise<void> {
  const documents = new Documents({ database, journal, storage });
  for (let done = 0; done < times; ) {
    const handle = await documents.files.file.byKey({ id: row });
    const content = contentOf(`${writer}-${done}-${conflicts}`, 1000);
    try {
      await handle.save(content, { name: 'one' });
      done++;
    } catch (error) {
      if (!isFieldFileError(error, 'conflict')) throw error;
      conflicts++;
    }
  }
}
