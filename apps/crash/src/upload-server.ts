import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { configure, Storage } from '@fieldfile/core';
import { toNodeHandler } from '@fieldfile/http/node';
import { uploads } from '@fieldfile/http/receive';
import { type DocumentRow, Documents } from './documents.ts';
import { openBackend, openDatabase, openJournal, type World } from './world.ts';

// upload-server.ts WORLD: takes forms with a file and makes a row of each. Tells its parent the port.

const world = JSON.parse(process.argv[2] ?? '{}') as World;
const database = await openDatabase(world);
const documents = new Documents({
  database,
  journal: openJournal(world, database),
  storage: new Storage(await openBackend(world)),
  inspects: 'yes',
});
const { file } = documents.files;
configure({ onError: () => {} });

const handler = uploads({
  authorize: () => true,
  fields: { file, id: 'text' },
  keepSeconds: 1,
  handle: async received => {
    if (!received.file || !received.id) return new Response(null, { status: 422 });
    const row: DocumentRow = { id: received.id, file: null, digest: null, size: null, version: 1 };
    file.set(row, received.file);
    // Some change their mind.
    if (row.id.endsWith('!')) return new Response(null, { status: 409 });
    await documents.insert(row);
    return new Response(null, { status: 201 });
  },
  onError: () => {},
});

const server = createServer(toNodeHandler(handler, { onError: () => {} })).listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
// Nothing outlives the parent, whatever becomes of it.
process.once('disconnect', () => process.exit());
