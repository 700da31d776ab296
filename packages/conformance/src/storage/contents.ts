import assert from 'node:assert/strict';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Content } from '@fieldfile/storage';
import { fromPath } from '@fieldfile/storage/node';
import { inChunks, patternBytes, patternStream } from '../content/pattern.ts';
import { recordCalls } from '../faults/record-calls.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour } from './context.ts';

const BYTES = patternBytes(7, 200_001);

/** The bytes in the middle of a larger buffer, as Node's pool hands them out. */
function viewWithOffset(): Uint8Array {
  const larger = new Uint8Array(BYTES.byteLength + 20).fill(0xee);
  larger.set(BYTES, 10);
  return larger.subarray(10, 10 + BYTES.byteLength);
}

function* inArrays(): Generator<Uint8Array> {
  for (let start = 0; start < BYTES.byteLength; start += 999) yield BYTES.subarray(start, start + 999);
}

async function* withEmptyChunks(): AsyncGenerator<Uint8Array> {
  for (const chunk of inArrays()) yield* [new Uint8Array(), chunk, new Uint8Array()];
}

const KINDS: readonly (readonly [id: string, what: string, make: () => Content])[] = [
  ['bytes', 'a Uint8Array', () => BYTES],
  ['view', 'a view into a larger buffer', viewWithOffset],
  ['array-buffer', 'an ArrayBuffer', () => BYTES.slice().buffer],
  ['buffer', 'a Node Buffer', () => Buffer.from(BYTES)],
  ['blob', 'a Blob', () => new Blob([BYTES.subarray(0, 1000), BYTES.subarray(1000)])],
  ['file', 'a web File', () => new File([BYTES], 'photo.jpg', { type: 'image/jpeg' })],
  ['web-stream', 'a web stream', () => new Blob([BYTES]).stream()],
  ['readable', 'a Node Readable', () => Readable.from(inArrays())],
  ['async-generator', 'an async generator', () => inChunks(BYTES, 4001)],
  ['generator', 'a generator', inArrays],
  ['chunks', 'an array of chunks', () => [...inArrays()]],
  ['empty-chunks', 'a stream with empty chunks in between', withEmptyChunks],
];

/** S3: whatever is content is stored byte for byte. */
export const contents: readonly StorageBehaviour[] = [
  ...KINDS.map(
    ([id, what, make]): StorageBehaviour => ({
      id: `S3.content-${id}`,
      title: `stores ${what}`,
      async run(context) {
        const name = await context.storage.save('a.bin', make());
        sameBytes(await context.read(name), BYTES);
        await context.storage.replace('b.bin', make());
        sameBytes(await context.read('b.bin'), BYTES);
      },
    }),
  ),
  {
    id: 'S3.content-text',
    title: 'stores text as UTF-8, its size in bytes',
    async run(context) {
      for (const [name, text, sizeBytes] of [
        ['plain.txt', 'test', 4],
        ['accent.txt', 'è', 2],
        ['emoji.txt', '\u{1f600}', 4],
      ] as const) {
        await context.storage.save(name, text);
        assert.equal((await context.storage.info(name)).sizeBytes, sizeBytes);
        assert.equal(await context.text(name), text);
      }
    },
  },
  {
    id: 'S3.content-pooled',
    title: "stores a small Buffer out of Node's shared pool, and nothing else of the pool",
    async run(context) {
      const pooled = Buffer.from('in the pool');
      await context.storage.save('a.txt', pooled);
      assert.equal((await context.storage.info('a.txt')).sizeBytes, 11);
      assert.equal(await context.text('a.txt'), 'in the pool');
    },
  },
  {
    id: 'S3.content-stored-object',
    title: 'stores what is read from another object',
    async run(context) {
      await context.storage.save('a.bin', BYTES);
      await using opened = await context.storage.open('a.bin');
      await context.storage.save('b.bin', opened.stream);
      sameBytes(await context.read('b.bin'), BYTES);
    },
  },
  {
    id: 'S3.empty',
    title: 'stores an empty object, from nothing and from an empty stream',
    async run(context) {
      const none: Uint8Array[] = [];
      for (const [name, content] of Object.entries({
        a: '',
        b: new Uint8Array(),
        c: patternStream(1, 0),
        d: none,
      })) {
        await context.storage.save(name, content);
        assert.equal((await context.storage.info(name)).sizeBytes, 0);
        assert.equal((await context.read(name)).byteLength, 0);
      }
      await context.holds(['a', 'b', 'c', 'd']);
    },
  },
  {
    id: 'S3.sizes',
    title: 'stores every size around the boundaries of chunks, in chunks of every size',
    async run(context) {
      const kibi = 1024;
      const sizes = [
        1,
        2,
        4095,
        4096,
        4097,
        64 * kibi - 1,
        64 * kibi,
        64 * kibi + 1,
        kibi * kibi - 1,
        kibi * kibi,
        kibi * kibi + 1,
      ];
      for (const size of sizes) {
        const bytes = patternBytes(size, size);
        for (const chunkBytes of [Math.max(1, Math.ceil(size / 50)), size]) {
          const name = await context.storage.save('a.bin', inChunks(bytes, chunkBytes));
          sameBytes(await context.read(name), bytes, `${size} bytes in chunks of ${chunkBytes}`);
        }
        await context.storage.replace('b.bin', bytes);
        sameBytes(await context.read('b.bin'), bytes, `${size} bytes at once`);
      }
    },
  },
  {
    id: 'S3.large',
    title: 'stores a large stream of unknown size byte for byte, also from small chunks',
    async run(context) {
      const bytes = patternBytes(3, context.settings.largeBytes + 1);
      await context.storage.save('a.bin', inChunks(bytes, 10_007));
      sameBytes(await context.read('a.bin'), bytes);
      await context.storage.replace('a.bin', patternStream(4, context.settings.largeBytes));
      sameBytes(await context.read('a.bin'), patternBytes(4, context.settings.largeBytes));
    },
  },
  {
    id: 'S3.own-copy',
    title: 'keeps what was stored when the caller changes its buffer afterwards',
    async run(context) {
      const mine = BYTES.slice();
      await context.storage.save('a.bin', mine);
      mine.fill(0);
      const read = await context.read('a.bin');
      sameBytes(read, BYTES);
      read.fill(0);
      await using opened = await context.storage.open('a.bin');
      for await (const chunk of opened.stream) chunk.fill(0);
      sameBytes(await context.read('a.bin'), BYTES);
    },
  },
  {
    id: 'S3.consumed',
    title: 'refuses a stream that was read, locked or destroyed before, without calling the service',
    async run(context) {
      const read = new Blob([BYTES]).stream();
      const reader = read.getReader();
      await reader.read();
      const destroyed = Readable.from(inArrays());
      destroyed.destroy();
      const started = Readable.from(inArrays());
      await started.iterator({ destroyOnReturn: false }).next();
      const { backend, calls } = recordCalls(context.backend);
      const storage = context.around(backend);
      for (const [what, content] of Object.entries({ locked: read, destroyed, started })) {
        await rejectsWith('content-consumed', storage.save('a.bin', content), `saving the ${what} stream`);
        await rejectsWith(
          'content-consumed',
          storage.replace('a.bin', content),
          `replacing by the ${what} stream`,
        );
      }
      started.destroy();
      await reader.cancel();
      assert.deepEqual(calls, []);
      await context.holds([]);
    },
  },
  {
    id: 'S3.file-consumed',
    title:
      'takes a file of this machine that is given to be consumed: it is gone once it is stored, and not before',
    async run(context) {
      const folder = await mkdtemp(join(tmpdir(), 'fieldfile-consumed-'));
      try {
        const path = join(folder, 'local.bin');
        await writeFile(path, BYTES);
        await rejectsWith(
          'suspicious-name',
          context.storage.save('../up.bin', fromPath(path, { consume: true })),
        );
        await access(path);
        await context.storage.save('a.bin', fromPath(path, { consume: true }), { digest: 'sha256' });
        sameBytes(await context.read('a.bin'), BYTES);
        await assert.rejects(access(path), { code: 'ENOENT' });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  },
  {
    id: 'S3.refused-freed',
    title: 'lets go of a stream that it refuses, so that its file or socket is closed',
    async run(context) {
      const chunks = Readable.from(inArrays());
      let cancelled = false;
      const web = new ReadableStream<Uint8Array>({
        cancel() {
          cancelled = true;
        },
      });
      await rejectsWith('suspicious-name', context.storage.save('../up.bin', chunks));
      await rejectsWith('suspicious-name', context.storage.replace('../up.bin', web));
      assert.deepEqual([chunks.destroyed, cancelled], [true, true]);
      await context.holds([]);
    },
  },
  {
    id: 'S3.no-content',
    title: 'refuses what is no content, without calling the service',
    async run(context) {
      const { backend, calls } = recordCalls(context.backend);
      const storage = context.around(backend);
      for (const value of [undefined, null, 7, true, {}, { path: '/etc/passwd' }, () => BYTES])
        await rejectsWith(
          'invalid-argument',
          () => storage.save('a.bin', value as unknown as Content),
          `saving ${value}`,
        );
      assert.deepEqual(calls, []);
      await context.holds([]);
    },
  },
  {
    id: 'S3.no-bytes',
    title: 'refuses a stream of something else than bytes, and leaves nothing',
    async run(context) {
      const objects = Readable.from([{ not: 'bytes' }]);
      await rejectsWith('invalid-argument', context.storage.save('a.bin', objects));
      await context.holds([]);
    },
  },
];
