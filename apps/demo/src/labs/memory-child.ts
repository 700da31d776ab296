import { writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { queryObjects } from 'node:v8';
import { configure, defineFiles, type FieldFile, model } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import type { MemoryOrder, MemorySample, Ownership } from './memory-view.ts';

// A process of its own for each way, so that its memory is its own: node memory-child.ts OWNERSHIP ORDER

/** A class, so that its objects can be counted. */
class DocumentRow {
  id = 0;
  file: string | null = null;
  /** What makes the row large. */
  text = '';
}

const SAMPLES = 12;
/** The job is slowed down to be looked at: without a turn of the event loop, which would change what is measured. */
const PAUSE_MS = 50;

const ownership = process.argv[2] as Ownership;
const { rows, rowBytes, held } = JSON.parse(process.argv[3] ?? '') as MemoryOrder;

const database = new DatabaseSync(':memory:');
database.exec('CREATE TABLE document (id integer PRIMARY KEY, file text, text text)');
database.prepare("INSERT INTO document VALUES (1, 'a.json', hex(zeroblob(?)))").run(rowBytes / 2);
const load = database.prepare('SELECT * FROM document');

// A WeakRef by itself, or with what FieldFile does about the engine's list of targets.
if (ownership === 'naive') configure({ releaseKept: false });
const { file } = defineFiles(model<DocumentRow>()('document', 'id'), {
  file: { storage: new MemoryStorage(), ownership: ownership === 'strong' ? 'strong' : 'weak' },
});

const start = process.memoryUsage.rss();
const files: FieldFile<DocumentRow>[] = [];
const step = Math.max(1, Math.ceil(rows / SAMPLES));
const pause = new Int32Array(new SharedArrayBuffer(4));
loadRows();
await turn();
tell(rows, 'turn');

/** In a function of its own, so that nothing here remembers the last row. */
function loadRows(): void {
  for (let loaded = 1; loaded <= rows; loaded++) {
    const row = Object.assign(new DocumentRow(), load.get());
    const handle = file.of(row);
    if (held) files.push(handle);
    if (loaded % step !== 0 && loaded !== rows) continue;
    tell(loaded, 'job');
    Atomics.wait(pause, 0, 0, PAUSE_MS);
  }
}

function tell(loaded: number, when: MemorySample['when']): void {
  // Counting collects the garbage first: what is left is what somebody keeps.
  const alive = queryObjects(DocumentRow, { format: 'count' });
  const rssBytes = Math.max(0, process.memoryUsage.rss() - start);
  const sample: MemorySample = { ownership, loaded, alive, held: files.length, rssBytes, when };
  writeSync(1, `${JSON.stringify(sample)}\n`);
}
