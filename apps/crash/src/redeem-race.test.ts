import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storage } from '@fieldfile/core';
import { load } from '@fieldfile/test-servers/load';
import { describe, expect, test } from 'vitest';
import { contentOf } from './content.ts';
import { Documents } from './documents.ts';
import { makeWorld } from './places.ts';
import { Random } from './random.ts';
import { Replicas } from './replicas.ts';
import { openBackend, openDatabase, openJournal } from './world.ts';

/** Who redeems one token at once, in three processes. */
const RIVALS = load({ test: 24, ci: 60, deep: 200 });

const CONTENT = contentOf('one', 100_000);

/** Has one of the servers answer. */
type Ask = (
  path: string,
  method: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers?: Readonly<Record<string, string>>,
) => Promise<Response>;

/** How a file came, and the token of it. */
const WAYS: Readonly<Record<string, (ask: Ask) => Promise<string>>> = {
  'straight to the storage': async ask => {
    const about = { filename: 'a.bin', sizeBytes: CONTENT.byteLength };
    const { upload, token } = await (await ask('/claims', 'POST', JSON.stringify(about))).json();
    const { pathname, search, origin } = new URL(upload.url);
    const { ok } =
      origin === 'http://localhost'
        ? await ask(`${pathname}${search}`, upload.method, new Uint8Array(CONTENT), upload.headers)
        : await fetch(upload.url, { ...upload, body: new Uint8Array(CONTENT) });
    expect(ok).toBe(true);
    return token;
  },
  'piece by piece': async ask => {
    const headers = {
      'upload-length': String(CONTENT.byteLength),
      'content-type': 'application/offset+octet-stream',
    };
    const begun = await ask('/uploads/', 'POST', new Uint8Array(CONTENT), headers);
    return begun.headers.get('location')?.split('/').at(-1) ?? '';
  },
};

/** A token with one letter changed, one left out or one more, at every place. */
function alterations(token: string): string[] {
  const altered = Array.from(token, (letter, at) => [
    token.slice(0, at) + (letter === 'A' ? 'B' : 'A') + token.slice(at + 1),
    token.slice(0, at) + token.slice(at + 1),
    `${token.slice(0, at)}A${token.slice(at)}`,
  ]);
  return [...new Set(altered.flat())].filter(one => one !== token);
}

describe.each([
  ['SQLite and a disk', 'sqlite', 'fs'],
  ['SQLite and S3', 'sqlite', 's3'],
  ['PostgreSQL and a disk', 'postgresql', 'fs'],
  ['PostgreSQL and S3', 'postgresql', 's3'],
] as const)('with %s', (_, kind, storageKind) => {
  test('of many who redeem one token at once, in several processes, one gets a row; altered tokens are refused', {
    timeout: 600_000,
  }, async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'fieldfile-redeem-'));
    await using place = await makeWorld(kind, storageKind, folder.path);
    const { world } = place;
    await using replicas = await Replicas.start({ world, servers: 3, recoverers: 1, keepSeconds: 3600 });
    const random = new Random(1);
    const ask: Ask = async (path, method, body, headers = {}) =>
      fetch(`http://127.0.0.1:${await replicas.port(random)}${path}`, {
        ...{ method, body, headers: { 'tus-resumable': '1.0.0', ...headers } },
      });
    const redeem = async (token: string, id: string): Promise<string> => {
      const response = await ask(`/rows?id=${id}`, 'POST', token);
      return `${response.status} ${response.ok ? '' : await response.text()}`;
    };
    for (const [way, upload] of Object.entries(WAYS)) {
      const token = await upload(ask);
      const altered = alterations(token).slice(0, load({ test: 150, ci: 300, deep: 1000 }));
      const refused = await Promise.all(altered.map((other, id) => redeem(other, `${way} altered ${id}`)));
      expect(refused.length).toBeGreaterThan(100);
      for (const answer of refused) expect(answer).toMatch(/^409 The token is no claim/);
      const answers = await Promise.all(
        Array.from({ length: RIVALS }, (_, id) => redeem(token, `${way} ${id}`)),
      );
      expect(answers.filter(answer => answer.startsWith('201'))).toHaveLength(1);
      for (const answer of answers) expect(answer).toMatch(/^(?:201|409) /);
    }
    await using database = await openDatabase(world);
    const storage = new Storage(await openBackend(world));
    const documents = new Documents({ database, journal: openJournal(world, database), storage });
    const rows = await documents.all();
    const size = CONTENT.byteLength;
    expect(rows).toMatchObject([{ size }, { size }]);
    const objects = await Array.fromAsync(storage.list(), ({ name }) => String(name));
    expect(objects.toSorted()).toEqual(rows.map(({ file }) => file).toSorted());
    for (const { file } of rows)
      expect(Buffer.compare(await storage.open(file ?? '').then(one => one.bytes()), CONTENT)).toBe(0);
  });
});
