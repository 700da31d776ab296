import { writeSync } from 'node:fs';
import { isFieldFileError, Storage } from '@fieldfile/core';
import { Documents } from '@fieldfile/crash/documents';
import { uploaderBackend, uploaderJournal } from '@fieldfile/crash/stepped';
import { type Step, Steps } from '@fieldfile/crash/steps';
import { openBackend, openDatabase, openJournal, type World } from '@fieldfile/crash/world';

// The process that saves, and is killed at the step that it is told: node crash-child.ts ORDER

export interface SaveOrder {
  readonly world: World;
  readonly kill?: Step;
  readonly name: string;
  /** The content is a line, so many times. */
  readonly lines: number;
}

const { world, kill, name, lines } = JSON.parse(process.argv[2] ?? '') as SaveOrder;
const steps = new Steps(kill === undefined ? {} : { kill: { step: kill, count: 1 } });
const database = await openDatabase(world);
const documents = new Documents({
  database,
  journal: uploaderJournal(openJournal(world, database), steps),
  storage: new Storage(uploaderBackend(await openBackend(world), steps)),
  reached: step => steps.reached(step),
});
const row = await documents.find('1');
if (!row) throw new Error('There is no row.');
try {
  await documents.files.file.of(row).save('The new content. '.repeat(lines), { name });
  writeSync(1, 'null');
} catch (error) {
  const { message } = error as Error;
  writeSync(1, JSON.stringify({ code: isFieldFileError(error) ? error.code : 'unknown', message }));
}
process.exit();
