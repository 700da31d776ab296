import assert from 'node:assert/strict';
import { runningDigest } from '@fieldfile/storage/backend';
import {
  type PartedWrite,
  type SignedPart,
  type SignPartOptions,
  type StorageParts,
  storageParts,
} from '@fieldfile/storage/parts';
import { patternBytes } from '../content/pattern.ts';
import { Skip } from '../contract/behaviour.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';

const NAME = 'folder/digested.bin';

/** C2: parts that clients send with a digest each. */
export const digestedParts: readonly StorageBehaviour[] = [
  {
    id: 'C2.parts-digest',
    title: 'a URL that was signed with the digest of a part stores these bytes, and no others',
    async run(context) {
      const { parts, write, pieces, send } = await begun(context);
      for (const [index, piece] of pieces.entries()) {
        const number = index + 1;
        const digest = crc32(piece);
        const sign = (): Promise<SignedPart> => signed(parts, write, number, piece, digest);
        const refused = await send(await sign(), patternBytes(50 + number, piece.byteLength));
        assert.ok(refused.status >= 400 && refused.status < 500, `other bytes: ${refused.status}`);
        const { url, method } = await sign();
        const without = await send({ url, method, headers: {} }, piece);
        assert.ok(without.status >= 400 && without.status < 500, `without its digest: ${without.status}`);
        assert.equal((await parts.listParts(write)).length, index, 'a part that was refused is stored');
        const taken = await send(await sign(), piece);
        assert.ok(taken.status < 300, `part ${number} was answered ${taken.status}`);
      }
      await parts.complete(write, await parts.listParts(write));
      sameBytes(await context.read(NAME), Buffer.concat(pieces));
      await context.storage.settle(NAME, write.writeId);
    },
  },
  {
    id: 'C2.parts-digest-whole',
    title: 'the object that is made of such parts has the digest of the whole, whoever tells of them',
    async run(context) {
      const { parts, write, pieces, send } = await begun(context);
      const told = [];
      for (const [index, piece] of pieces.entries()) {
        const number = index + 1;
        const digest = crc32(piece);
        const { headers } = await send(await signed(parts, write, number, piece, digest), piece);
        const receipt = `${headers.get('etag')} ${digest.base64}`;
        told.push({ number, sizeBytes: piece.byteLength, receipt });
      }
      assert.deepEqual(await parts.listParts(write), told);
      const made = await parts.complete(write, told);
      const whole = crc32(Buffer.concat(pieces));
      assert.deepEqual(made.digest, whole);
      await context.storage.settle(NAME, write.writeId);
      assert.deepEqual((await context.storage.info(NAME)).digest, whole);
    },
  },
  {
    id: 'C2.parts-digest-needed',
    title: 'signs no such part without its digest, with what is none, and no other part with one',
    async run(context) {
      const { parts, write, pieces } = await begun(context);
      const [piece = new Uint8Array()] = pieces;
      const digest = crc32(piece);
      const refused = (given: unknown, of = write): Promise<unknown> =>
        rejectsWith('invalid-argument', signed(parts, of, 1, piece, given));
      await refused(undefined);
      for (const base64 of ['', 'AAAAAA', 'AAAAAB==', 'AAAA\n==', 'AAAAAAAAAAA=', 7, null, ['AAAAAA==']])
        await refused({ ...digest, base64 });
      await refused({ ...digest, algorithm: 'sha256' });
      await refused(null);
      await context.storage.undo(NAME, write.writeId);
      const plain = await parts.begin(NAME, { byClients: true });
      assert.equal(plain.partDigest, undefined);
      for (const options of [{ partDigest: 'crc32' }, { byClients: true, partDigest: 'md5' }])
        await rejectsWith('invalid-argument', parts.begin(NAME, options as { partDigest: 'crc32' }));
      await refused(digest, plain);
      await context.storage.undo(NAME, plain.writeId);
    },
  },
];

type PartDigest = NonNullable<SignPartOptions['digest']>;

interface Begun {
  readonly parts: StorageParts;
  readonly write: PartedWrite;
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
  send(request: SignedPart, body: Uint8Array<ArrayBuffer>): Promise<Response>;
}

/** @throws Skip where parts have no digest. */
async function begun(context: StorageContext): Promise<Begun> {
  context.needs('create');
  const parts = storageParts(context.storage);
  if (!parts?.canSign) throw new Skip('signs no parts');
  const fetch = context.offered('fetch');
  const write = await parts.begin(NAME, { byClients: true, partDigest: 'crc32' });
  if (write.partDigest === undefined) {
    await context.storage.undo(NAME, write.writeId);
    throw new Skip('takes no digest of parts');
  }
  const bytes = patternBytes(3, parts.limits.minPartBytes + 777);
  return {
    ...{ parts, write },
    pieces: [bytes.slice(0, parts.limits.minPartBytes), bytes.slice(parts.limits.minPartBytes)],
    async send({ url, method, headers }, body) {
      const response = await fetch(new Request(url, { method, headers, body }));
      await response.arrayBuffer();
      return response;
    },
  };
}

function signed(
  parts: StorageParts,
  write: PartedWrite,
  number: number,
  { byteLength: sizeBytes }: Uint8Array,
  digest: unknown,
): Promise<SignedPart> {
  const place = { number, offset: (number - 1) * parts.limits.minPartBytes };
  return parts.signPart(write, place, {
    ...{ expiresInSeconds: 60, sizeBytes },
    ...(digest === undefined ? {} : { digest: digest as PartDigest }),
  });
}

function crc32(bytes: Uint8Array): PartDigest {
  const running = runningDigest('crc32');
  running.update(bytes);
  return { algorithm: 'crc32', base64: running.base64() };
}
