import { parseSize } from './configuration.ts';
import { type LeakRow, openLeakTable } from './leak-table.ts';

// A process of its own, so that making the payload does not count in what is measured later: node create.ts FOLDER SIZE ID

const [folder = '', label = '', id = ''] = process.argv.slice(2);
const size = parseSize(label);
if (!size) throw new Error(`${JSON.stringify(label)} is no size`);

const { database, f } = openLeakTable(folder);
const row: LeakRow = { id: Number(id), f: null, f_json: JSON.stringify({ [label]: 'b'.repeat(size.bytes) }) };
await f.of(row).save(row.f_json, { name: 'leak' });
database.prepare('INSERT INTO leak (id, f, f_json) VALUES (?, ?, ?)').run(row.id, f.of(row).name, row.f_json);
database.close();
