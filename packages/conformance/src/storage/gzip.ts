import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { canSignUrls, type Storage } from '@fieldfile/storage';
import { inChunks, patternBytes, patternStream } from '../content/pattern.ts';
import { failingStream } from '../content/streams.ts';
import { Skip } from '../contract/behaviour.ts';
import { halfWay } from '../faults/fault.ts';
import { withFaults } from '../faults/with-faults.ts';
import { rejection, rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';

const TEXT = Buffer.from(
  Array.from({ length: 5000 }, (_, index) => `.rule-${index} { margin: ${index % 7}px; }\n`).join(''),
);

/** S6: contents of some types are stored compressed, and nobody who reads through the storage can tell. */
export const gzip: readonly StorageBehaviour[] = [
  {
    id: 'S6.gzip-option',
    title: 'compresses where it can keep that it did, and otherwise refuses the option when it is made',
    async run(context) {
      const make = async (): Promise<Storage> => context.around(context.backend, { gzip: true });
      if (context.backend.keepsContentEncoding) await make();
      else await rejectsWith('unsupported', make);
    },
  },
  {
    id: 'S6.gzip-round-trip',
    title: 'stores listed types compressed, told as such, others as they are, and gives back what was given',
    async run(context) {
      const storage = compressing(context);
      for (const content of [TEXT, inChunks(TEXT, 1000)]) {
        const name = await storage.save('a.txt', content);
        const { contentEncoding, sizeBytes } = await storage.info(name);
        assert.equal(contentEncoding, 'gzip');
        assert.ok(sizeBytes < TEXT.length / 2, `${sizeBytes} bytes are stored of ${TEXT.length}`);
        sameBytes(await bytes(storage, name), TEXT);
        // Whoever does not compress reads it all the same.
        sameBytes(await bytes(context.storage, name), TEXT);
      }
      const empty = await storage.save('a.txt', '');
      assert.equal((await storage.info(empty)).contentEncoding, 'gzip');
      assert.equal(await context.text(empty), '');
      const plain = await storage.save('a.bin', TEXT, { contentType: 'application/octet-stream' });
      assert.equal((await storage.info(plain)).contentEncoding, undefined);
      assert.equal((await storage.info(plain)).sizeBytes, TEXT.length);
    },
  },
  {
    id: 'S6.gzip-replace',
    title: 'replaces by a compressed content, and a compressed content by a plain one',
    async run(context) {
      const storage = compressing(context);
      await context.storage.save('a.txt', 'old');
      await storage.replace('a.txt', TEXT);
      assert.equal((await storage.info('a.txt')).contentEncoding, 'gzip');
      sameBytes(await bytes(storage, 'a.txt'), TEXT);
      await context.storage.replace('a.txt', 'plain');
      assert.equal((await storage.info('a.txt')).contentEncoding, undefined);
      assert.equal(await context.text('a.txt'), 'plain');
    },
  },
  {
    id: 'S6.gzip-large',
    title:
      'compresses a large one-shot stream on its way, under an alternative name where the first is occupied',
    async run(context) {
      const { largeBytes } = context.settings;
      const storage = compressing(context);
      await storage.save('a.txt', 'taken');
      const name = await storage.save('a.txt', patternStream(1, largeBytes), { sizeBytes: largeBytes });
      assert.equal((await storage.info(name)).contentEncoding, 'gzip');
      sameBytes(await bytes(storage, name), patternBytes(1, largeBytes));
      const error = new Error('the stream broke');
      const failing = storage.save('b.txt', failingStream([patternBytes(2, largeBytes)], error));
      assert.equal(await rejection(failing), error);
      await context.holds(['a.txt', name]);
    },
  },
  {
    id: 'S6.gzip-as-stored',
    title:
      'hands out the stored bytes of a compressed object, whole and in ranges: nothing on the way decodes them',
    async run(context) {
      await compressing(context).save('a.txt', TEXT);
      const stored = await raw(context);
      sameBytes(gunzipSync(stored), TEXT);
      assert.equal((await context.storage.info('a.txt')).sizeBytes, stored.length);
      sameBytes(
        await raw(context, { start: 10, endExclusive: 500 }),
        Uint8Array.from(stored.subarray(10, 500)),
      );
    },
  },
  {
    id: 'S6.gzip-ranges',
    title: 'gives ranges of the content, not of what is stored',
    async run(context) {
      const storage = compressing(context);
      await storage.save('a.txt', TEXT);
      for (const [start, endExclusive] of [
        [0, 10],
        [100_000, 100_500],
        [TEXT.length - 5, TEXT.length + 5],
        [TEXT.length, undefined],
        [7, 7],
        [100_000, undefined],
      ] as const) {
        const range = endExclusive === undefined ? { start } : { start, endExclusive };
        await using opened = await storage.open('a.txt', range);
        sameBytes(await opened.bytes(), Uint8Array.from(TEXT.subarray(start, endExclusive)));
      }
    },
  },
  {
    id: 'S6.gzip-resume',
    title: 'goes on after a reset in the middle of a compressed object',
    async run(context) {
      const content = patternBytes(1, 500_000);
      await compressing(context).save('a.txt', content);
      const faulty = withFaults(context.backend, [{ on: 'read', nth: [1, 2], fault: halfWay(100_000) }]);
      sameBytes(await bytes(context.around(faulty), 'a.txt'), content);
    },
  },
  {
    id: 'S6.gzip-digest',
    title: 'computes and verifies digests of the content',
    async run(context) {
      const storage = compressing(context);
      const base64 = createHash('sha256').update(TEXT).digest('base64');
      const { name, writeId, info } = await storage.create('a.txt', TEXT, { digest: 'sha256' });
      await storage.settle(name, writeId);
      assert.deepEqual(info.digest, { algorithm: 'sha256', base64 });
      for (const verify of [{ algorithm: 'sha256', base64 }, (await storage.info(name)).digest && true]) {
        await using opened = await storage.open(name, { verify: verify ?? false } as object);
        sameBytes(await opened.bytes(), TEXT);
      }
      const other = {
        algorithm: 'sha256',
        base64: base64.replace(/^./, one => (one === 'A' ? 'B' : 'A')),
      } as const;
      await using wrong = await storage.open(name, { verify: other });
      await rejectsWith('integrity', wrong.bytes());
    },
  },
  {
    id: 'S6.gzip-limits',
    title: 'holds a content to the length and limit given for it, not what is stored of it',
    async run(context) {
      const storage = compressing(context);
      await storage.save('a.txt', inChunks(TEXT, 5000), { sizeBytes: TEXT.length });
      const tooLong = storage.save('b.txt', inChunks(TEXT, 5000), { maxSizeBytes: TEXT.length - 1 });
      await rejectsWith('too-large', tooLong);
      await rejectsWith('too-large', storage.copy('a.txt', 'b.txt', { maxSizeBytes: TEXT.length - 1 }));
      await rejectsWith(
        'integrity',
        storage.save('b.txt', inChunks(TEXT, 5000), { sizeBytes: TEXT.length - 1 }),
      );
      await context.holds(['a.txt']);
    },
  },
  {
    id: 'S6.gzip-copy',
    title: 'copies a compressed object so that the copy reads the same',
    async run(context) {
      const storage = compressing(context);
      await storage.save('a.txt', TEXT);
      for (const copier of [storage, context.storage])
        for (const options of [{}, { maxSizeBytes: TEXT.length }, { digest: 'sha256' }] as const)
          sameBytes(await bytes(storage, await copier.copy('a.txt', 'copied', options)), TEXT);
    },
  },
  {
    id: 'S6.gzip-abandoned',
    title: 'frees what a compressed object holds when it is read in part, or not at all',
    async run(context) {
      const storage = compressing(context);
      await storage.save('a.txt', patternBytes(1, context.settings.largeBytes));
      {
        await using _unread = await storage.open('a.txt');
      }
      await using opened = await storage.open('a.txt');
      for await (const _chunk of opened.stream) break;
      await rejectsWith('content-consumed', opened.bytes());
    },
  },
  {
    id: 'S6.gzip-url',
    title: 'serves a compressed object at its signed URL so that a browser gets the content',
    async run(context) {
      const storage = compressing(context);
      if (!canSignUrls(storage)) throw new Skip('signs no URLs');
      const fetch = context.offered('fetch');
      await storage.save('a.txt', TEXT);
      const url = await storage.signedUrl('a.txt', { expiresInSeconds: 60 });
      const served = await fetch(new Request(new URL(url, 'http://localhost/')));
      sameBytes(new Uint8Array(await served.arrayBuffer()), TEXT);
    },
  },
];

/** @throws Skip where nothing can be stored compressed. */
function compressing(context: StorageContext): Storage {
  if (!context.backend.keepsContentEncoding) throw new Skip('keeps no content encoding');
  return context.around(context.backend, { gzip: { contentTypes: ['Text/Plain'] } });
}

async function bytes(storage: Storage, name: string): Promise<Uint8Array> {
  await using opened = await storage.open(name);
  return await opened.bytes();
}

/** What the backend gives of `a.txt`. */
async function raw(
  context: StorageContext,
  range?: { readonly start: number; readonly endExclusive: number },
): Promise<Buffer> {
  await using result = await context.backend.read(context.objectName('a.txt'), range ? { range } : {});
  return Buffer.concat(await Array.fromAsync(result.stream));
}
