import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { OpenObjectOptions, Storage } from '@fieldfile/storage';
import { newWriteId, toSource } from '@fieldfile/storage/backend';
import { patternBytes, patternStream } from '../content/pattern.ts';
import { Skip } from '../contract/behaviour.ts';
import { rejectsWith, sameBytes, turn } from './assertions.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';

const SIZE = 100_000;
/** What becomes a thousand times as much. */
const BOMB_BYTES = 5_000_000;

/** S14: who reads says how much at most, and gets no more of it, whatever an object says of itself. */
export const readLimits: readonly StorageBehaviour[] = [
  {
    id: 'S14.max-bytes',
    title: 'gives an object that has at most maxBytes, and of a longer one nothing',
    async run(context) {
      const bytes = patternBytes(1, SIZE);
      const { storage } = context;
      await storage.replace('a.bin', bytes);
      for (const maxBytes of [SIZE, SIZE + 1, Number.POSITIVE_INFINITY]) {
        await using opened = await storage.open('a.bin', { maxBytes });
        sameBytes(await opened.bytes(), bytes);
      }
      await rejectsWith('too-large', storage.open('a.bin', { maxBytes: SIZE - 1 }));
      await rejectsWith('too-large', storage.open('a.bin', { maxBytes: 0 }));
      await using whole = await storage.open('a.bin');
      await rejectsWith('too-large', whole.bytes({ maxBytes: SIZE - 1 }));
      await rejectsWith('too-large', whole.text({ maxBytes: SIZE - 1 }));
      sameBytes(await whole.bytes({ maxBytes: SIZE }), bytes);
      await context.nothingLeft();
    },
  },
  {
    id: 'S14.max-bytes-of-a-part',
    title: 'counts the bytes of the part that is read',
    async run({ storage }) {
      const bytes = patternBytes(1, SIZE);
      await storage.replace('a.bin', bytes);
      const ends = { start: SIZE - 10, endExclusive: SIZE + 1000 };
      await using opened = await storage.open('a.bin', { ...ends, maxBytes: 10 });
      sameBytes(await opened.bytes(), bytes.subarray(SIZE - 10));
      await rejectsWith('too-large', storage.open('a.bin', { ...ends, maxBytes: 9 }));
      await rejectsWith('too-large', storage.open('a.bin', { start: 10, maxBytes: SIZE - 11 }));
    },
  },
  {
    id: 'S14.max-bytes-number',
    title: 'refuses a limit that would limit nothing',
    async run({ storage }) {
      await storage.replace('a.txt', 'one');
      await using opened = await storage.open('a.txt');
      for (const maxBytes of [Number.NaN, -1, 1.5, '10' as never]) {
        await rejectsWith('invalid-argument', storage.open('a.txt', { maxBytes }));
        await rejectsWith('invalid-argument', opened.bytes({ maxBytes }));
        await rejectsWith('invalid-argument', opened.text({ maxBytes }));
      }
    },
  },
  {
    id: 'S14.gzip-bomb',
    title: 'counts what is stored compressed as it is decoded, whoever compressed it',
    async run(context) {
      const { storage } = context;
      await storedAs(context, 'a.bin', gzipSync(Buffer.alloc(BOMB_BYTES)), 'gzip');
      const limits = { maxBytes: 1_000_000 };
      {
        await using opened = await storage.open('a.bin', limits);
        await rejectsWith('too-large', opened.bytes());
      }
      {
        await using opened = await storage.open('a.bin');
        await rejectsWith('too-large', opened.text(limits));
      }
      {
        await using opened = await storage.open('a.bin', limits);
        let given = 0;
        await rejectsWith('too-large', async () => {
          for await (const chunk of opened.stream) given += chunk.byteLength;
        });
        assert.ok(given <= limits.maxBytes, `${given} bytes were given`);
      }
      {
        const part = { start: BOMB_BYTES - 10, endExclusive: BOMB_BYTES };
        await using opened = await storage.open('a.bin', { ...part, maxBytes: 10 });
        sameBytes(await opened.bytes(), new Uint8Array(10));
        await rejectsWith('too-large', readOf(storage, 'a.bin', { ...part, maxBytes: 9 }));
      }
      await using whole = await storage.open('a.bin', { maxBytes: BOMB_BYTES });
      assert.equal((await whole.bytes()).byteLength, BOMB_BYTES);
      await context.nothingLeft();
    },
  },
  {
    id: 'S14.gzip-members',
    title: 'reads what others stored compressed: several members, none, and by the old name of gzip',
    async run(context) {
      const members = [gzipSync('one'), gzipSync(''), gzipSync(patternBytes(1, SIZE))];
      const content = Buffer.concat([Buffer.from('one'), patternBytes(1, SIZE)]);
      const cases: readonly (readonly [string, Uint8Array, Uint8Array])[] = [
        ['gzip', Buffer.concat(members), content],
        ['x-gzip', Buffer.concat(members), content],
        ['GZIP', gzipSync('one'), Buffer.from('one')],
        ['gzip', Buffer.alloc(0), Buffer.alloc(0)],
        ['x-gzip', Buffer.alloc(0), Buffer.alloc(0)],
        ['gzip', Buffer.concat([gzipSync('one'), Buffer.alloc(600)]), Buffer.from('one')],
      ];
      for (const [index, [encoding, stored, expected]] of cases.entries()) {
        const name = `${index}.bin`;
        await storedAs(context, name, stored, encoding);
        sameBytes(await context.read(name), Uint8Array.from(expected), `what case ${index} reads as`);
        sameBytes(
          await readOf(context.storage, name, { start: 1, endExclusive: 50 }),
          Uint8Array.from(expected.subarray(1, 50)),
          `a part of what case ${index} reads as`,
        );
      }
    },
  },
  {
    id: 'S14.gzip-not-whole',
    title: 'says so where a compressed object is cut off in any of its members, or is none',
    async run(context) {
      const one = gzipSync(patternBytes(1, 1000));
      const wrong = [one.subarray(0, 500), Buffer.concat([one, one.subarray(0, 500)]), Buffer.from('<html>')];
      for (const [index, stored] of wrong.entries()) {
        await storedAs(context, `${index}.bin`, stored, 'gzip');
        await rejectsWith('integrity', context.read(`${index}.bin`), `what case ${index} reads as`);
      }
    },
  },
  {
    id: 'S5.dropped',
    title: 'frees what it holds when a reader is dropped and collected: unread, or after its first chunk',
    async run(context) {
      await context.storage.replace('a.bin', patternStream(1, context.settings.largeBytes));
      await context.storage.replace('folder/b.bin', 'b');
      if (context.backend.keepsContentEncoding) {
        const content = patternBytes(1, context.settings.largeBytes);
        await storedAs(context, 'c.bin', gzipSync(content, { level: 0 }), 'gzip');
      }
      using _quiet = inProduction();
      const dropped: WeakRef<object>[] = [];
      for (const drop of DROPS) dropped.push(new WeakRef(await drop(context)));
      const isHeld = (): boolean => dropped.some(reader => reader.deref() !== undefined);
      // Some are freed with what decodes them, a collection later. The warnings come a turn after that.
      for (let round = 0; round < 3 || (round < 20 && (isHeld() || (await isLeft(context)))); round++) {
        collectGarbage();
        await turn();
      }
      for (let round = 0; round < 3; round++) {
        collectGarbage();
        await turn();
      }
      await context.nothingLeft();
      await context.storage.delete('a.bin');
    },
  },
];

/** Each opens something, and drops it. @returns what was opened. */
const DROPS: readonly ((context: StorageContext) => Promise<object>)[] = [
  ({ storage }) => storage.open('a.bin'),
  async ({ storage }) => {
    const opened = await storage.open('a.bin');
    await opened.stream.getReader().read();
    return opened;
  },
  async ({ storage }) => {
    if (!(await storage.exists('c.bin'))) return {};
    const opened = await storage.open('c.bin');
    await opened.stream.getReader().read();
    return opened;
  },
  async ({ storage }) => {
    const listing = storage.list('', { pageSize: 1 });
    await listing.next();
    return listing;
  },
];

/** Where no warning tells of what was dropped. */
function inProduction(): Disposable {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  return {
    [Symbol.dispose]() {
      if (before === undefined) delete process.env.NODE_ENV;
      else process.env.NODE_ENV = before;
    },
  };
}

const isLeft = (context: StorageContext): Promise<boolean> =>
  context.nothingLeft().then(
    () => false,
    () => true,
  );

/** Bytes stored under an encoding, as others do it. @throws Skip where none is kept. */
async function storedAs(
  context: StorageContext,
  name: string,
  bytes: Uint8Array,
  contentEncoding: string,
): Promise<void> {
  const { backend } = context;
  const object = context.objectName(name);
  if (!backend.keepsContentEncoding) throw new Skip('keeps no content encoding');
  const source = toSource(bytes, { operation: 'replace' });
  const writeId = newWriteId();
  await backend.replace(object, source, { writeId, contentEncoding });
  await backend.settle?.(object, writeId);
}

async function readOf(storage: Storage, name: string, options: OpenObjectOptions): Promise<Uint8Array> {
  await using opened = await storage.open(name, options);
  return await opened.bytes();
}
