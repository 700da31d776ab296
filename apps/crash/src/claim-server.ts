import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { configure, isFieldFileError, Storage } from '@fieldfile/core';
import { mount } from '@fieldfile/http';
import { toNodeHandler } from '@fieldfile/http/node';
import { tus } from '@fieldfile/http/tus';
import { type DocumentRow, Documents } from './documents.ts';
import { openBackend, openDatabase, openJournal, type World } from './world.ts';

/** What a replica is told, as JSON in its first argument. */
export interface ClaimServerOrder {
  readonly world: World;
  /** How long an upload may take, until a row has it. */
  readonly keepSeconds: number;
}

// claim-server.ts ORDER: gives claims, takes uploads in pieces, and makes rows of what is redeemed. Tells its parent the port.

const { world, keepSeconds } = JSON.parse(process.argv[2] ?? '{}') as ClaimServerOrder;
const database = await openDatabase(world);
const storage = new Storage(await openBackend(world));
const documents = new Documents({
  ...{ database, journal: openJournal(world, database), storage, inspects: 'yes' },
});
const { file } = documents.files;
const FOR = { for: 'everybody' };
configure({ onError: () => {} });

const inPieces = tus({
  ...{ field: file, baseUrl: '/uploads/', authorize: () => true, user: () => FOR.for, keepSeconds },
  onError: () => {},
});
const media = world.storage.kind === 'fs' ? mount(storage) : undefined;

async function handler(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname.startsWith('/uploads/')) return inPieces(request);
  if (pathname.startsWith('/media/')) return (await media?.(request)) ?? new Response(null, { status: 404 });
  try {
    if (pathname === '/claims') return Response.json(await claimed(await request.json()));
    const row: DocumentRow = {
      ...{ id: searchParams.get('id') ?? '', file: null, digest: null, size: null, version: 1 },
    };
    file.set(row, await file.redeem(await request.text(), FOR));
    await documents.insert(row);
    return new Response(null, { status: 201 });
  } catch (error) {
    if (isFieldFileError(error)) return new Response(error.message, { status: 409 });
    throw error;
  }
}

const claimed = (about: { readonly filename: string; readonly sizeBytes: number }) =>
  file.claim({ ...about, ...FOR, expiresInSeconds: Math.ceil(keepSeconds / 2), keepSeconds });

const server = createServer(toNodeHandler(handler, { onError: () => {} })).listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
// Nothing outlives the parent, whatever becomes of it.
process.once('disconnect', () => process.exit());
