import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimParts, signParts, signsParts } from '@fieldfile/core/resumable';
import { expect, test } from 'vitest';
import { onS3, type Place, places } from './places.ts';
import { openWorld } from './world.ts';

// A browser asks a bucket which headers a page may send to it. The rules of the READMEs must name those of claims.

const FOR = { for: 'user 7' };
const ZEROS = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
const FILE = { filename: 'me.png', sizeBytes: 5, contentType: 'image/png', ...FOR };
const WHOLE = { ...FILE, digest: { algorithm: 'sha256', base64: ZEROS } } as const;
const IN_PARTS = { ...FILE, sizeBytes: 6 * 1024 ** 2, partDigest: 'crc32' } as const;

const cases: [string, string, RegExp, () => Promise<Place>][] = [
  ['S3', 's3', /"AllowedHeaders": \[(?<names>[^\]]+)\]/, () => onS3({ checksums: 'when-supported' })],
  ['Google Cloud Storage', 'gcs', /"responseHeader": \[(?<names>[^\]]+)\]/, place('Google Cloud Storage')],
  ['Azure', 'azure', /--allowed-headers (?<names>\S+)/, place('Azure')],
];

function place(name: string): () => Promise<Place> {
  return () => places[name]?.() ?? Promise.reject(new Error(`There is no ${name}.`));
}

test.each(cases)(
  'the CORS rule in the README of %s allows the headers of claims',
  async (_, folder, rule, makePlace) => {
    const readme = readFileSync(join(import.meta.dirname, `../../../packages/${folder}/README.md`), 'utf8');
    const allowed = (rule.exec(readme)?.groups?.names ?? '').toLowerCase().match(/[a-z0-9-]+/g);
    await using world = await openWorld(makePlace);
    const { upload } = await world.file.claim(WHOLE);
    const names = Object.keys(upload.headers);
    if (signsParts(world.file)) {
      const { token } = await claimParts(world.file, IN_PARTS);
      const signing = { ...FOR, numbers: [1], digests: { 1: 'AAAAAA==' } };
      const [part] = await signParts(world.file, token, signing);
      names.push(...Object.keys(part?.request.headers ?? {}));
    }
    expect(allowed).toEqual(expect.arrayContaining(names.map(name => name.toLowerCase())));
  },
);
