import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storage } from '@fieldfile/core';
import { load } from '@fieldfile/test-servers/load';
import { expect, test } from 'vitest';
import { abandon } from './abandon.ts';
import { contentOf } from './content.ts';
import { Documents } from './documents.ts';
import { makeWorld } from './places.ts';
import { Random } from './random.ts';
import { Replicas } from './replicas.ts';
import { openBackend, openDatabase, openJournal } from './world.ts';

const NOTHING = {
  ...{ rowsWithoutObject: [], objectsWithoutRow: [], wrongContent: [], lost: [], refused: [] },
  ...{ left: [], others: [] },
};

test.each(['fs', 's3'] as const)(
  'of claims and uploads that are abandoned, whose servers are killed or sleep, nothing is left but rows: %s',
  { timeout: 3_600_000 },
  async storage => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'fieldfile-abandon-'));
    await using place = await makeWorld('sqlite', storage, folder.path);
    const report = await abandon({
      world: place.world,
      uploads: load({ test: 30, ci: 60, deep: 1000 }),
      kills: load({ test: 3, ci: 8, deep: 300 }),
      stops: load({ test: 2, ci: 4, deep: 60 }),
      cuts: load({ test: 10, ci: 20, deep: 200 }),
      seed: 1,
    });
    expect(report).toMatchObject(NOTHING);
    expect(report.acknowledged).toBeGreaterThan(0);
  },
);

test('of many who redeem one token at once, in several processes, one gets a row', {
  timeout: 600_000,
}, async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'fieldfile-redeem-'));
  await using place = await makeWorld('sqlite', 'fs', folder.path);
  const { world } = place;
  const rivals = load({ test: 24, ci: 60, deep: 200 });
  await using replicas = await Replicas.start({ world, servers: 3, recoverers: 1, keepSeconds: 3600 });
  const random = new Random(1);
  const ask = async (path: string, method: string, body: BodyInit, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${await replicas.port(random)}${path}`, {
      ...{ method, body, headers: { 'tus-resumable': '1.0.0', ...headers } },
    });
  const content = contentOf('one', 100_000);
  const piece = { 'content-type': 'application/offset+octet-stream' };
  const begun = { 'upload-length': String(content.byteLength), ...piece };
  const { headers } = await ask('/uploads/', 'POST', content, begun);
  const token = headers.get('location')?.split('/').at(-1) ?? '';
  const statuses = await Promise.all(
    Array.from({ length: rivals }, async (_, id) => (await ask(`/rows?id=${id}`, 'POST', token)).status),
  );
  expect(statuses.filter(status => status === 201)).toHaveLength(1);
  await using database = await openDatabase(world);
  const storage = new Storage(await openBackend(world));
  const documents = new Documents({ database, journal: openJournal(world, database), storage });
  expect(await documents.all()).toMatchObject([{ size: content.byteLength }]);
});
