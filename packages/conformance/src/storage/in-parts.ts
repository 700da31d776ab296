import assert from 'node:assert/strict';
import { readOnly, Storage, withPrefix } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { type PartedWrite, type StorageParts, type StoredPart, storageParts } from '@fieldfile/storage/parts';
import { pattern, patternBytes } from '../content/pattern.ts';
import { failingStream, gatedStream, hangingStream } from '../content/streams.ts';
import { Skip } from '../contract/behaviour.ts';
import { before, lostAnswer, timedOut } from '../faults/fault.ts';
import { noListeners, rejection, rejectsWith, sameBytes } from './assertions.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';

const NAME = 'folder/parted.bin';

/** C2: an object is made of parts, stored in any order by any process, and is there when it is complete. */
export const inParts: readonly StorageBehaviour[] = [
  {
    id: 'C2.parts',
    title: 'makes one object of parts that were stored in any order, at once, with gaps in their numbers',
    async run(context) {
      const { parts, pieces, bytes } = partsOf(context);
      const write = await parts.begin(NAME, { contentType: 'application/x-test', metadata: { a: 'b' } });
      const [one, two, three] = pieces as [Piece, Piece, Piece];
      const stored = [
        await put(parts, write, three, 9),
        ...(await Promise.all([put(parts, write, two, 5), put(parts, write, one, 2)])),
      ];
      assert.equal(await context.storage.exists(NAME), false, 'it is there before it is complete');
      await context.holds([]);
      const info = await parts.complete(write, inOrder(stored));
      assert.equal(info.name, NAME);
      assert.equal(info.sizeBytes, bytes.byteLength);
      sameBytes(await context.read(NAME), bytes);
      await context.storage.settle(NAME, write.writeId);
      const found = await context.storage.info(NAME);
      assert.equal(found.version, info.version);
      if (!context.settings.lacks['content-type']) assert.equal(found.contentType, 'application/x-test');
      if (!context.settings.lacks.metadata) assert.deepEqual(found.metadata, { a: 'b' });
      await context.holds([NAME]);
    },
  },
  {
    id: 'C2.parts-name',
    title: 'holds the name from the beginning, or another when it is taken',
    async run(context) {
      const { parts, pieces } = partsOf(context);
      await context.storage.save(NAME, 'there before');
      const announced: string[] = [];
      const onCandidate = async (name: string): Promise<void> => void announced.push(name);
      const write = await parts.begin(NAME, { onCandidate });
      assert.notEqual(write.name, NAME);
      assert.deepEqual(announced, [NAME, write.name]);
      assert.notEqual(await context.storage.save(write.name, 'another'), write.name, 'its name was free');
      await rejectsWith('exists', parts.begin(NAME, { onTaken: 'fail' }));
      const [piece] = pieces as [Piece];
      await parts.complete(write, [await put(parts, write, piece, 1)]);
      sameBytes(await context.read(write.name), piece.bytes);
      assert.equal(await context.text(NAME), 'there before');
      await context.storage.settle(write.name, write.writeId);
    },
  },
  {
    id: 'C2.parts-processes',
    title: 'another client goes on with what one began, and a third completes it',
    async run(context) {
      const { parts, pieces, bytes } = partsOf(context);
      const clients = [parts, await reopened(context), await reopened(context)] as const;
      const write = textOf(await parts.begin(NAME));
      const stored: StoredPart[] = [];
      for (const [index, piece] of pieces.entries())
        stored.push(textOf(await put(clients[index % 2] ?? parts, write, piece, index + 1)));
      await clients[2].complete(write, stored);
      sameBytes(await context.read(NAME), bytes);
      await context.storage.settle(NAME, write.writeId);
    },
  },
  {
    id: 'C2.parts-stale',
    title: 'a part of who was given up changes nothing, whenever it comes',
    async run(context) {
      const { parts, pieces, bytes } = partsOf(context);
      const other = await reopened(context);
      const [one, two, three] = pieces as [Piece, Piece, Piece];
      for (const first of [parts, other]) {
        const second = first === parts ? other : parts;
        const write = await first.begin(NAME);
        const gate = gatedStream(patternBytes(77, two.bytes.byteLength));
        const stored = [await put(first, write, one, 1)];
        const asleep = first.writePart(write, { number: 2, offset: two.offset }, gate, {
          sizeBytes: two.bytes.byteLength,
        });
        const settled = asleep.catch(() => undefined);
        await gate.halfWay;
        stored.push(await put(second, write, two, 3), await put(second, write, three, 4));
        await second.complete(write, stored);
        gate.open();
        await settled;
        sameBytes(await context.read(write.name), bytes);
        await context.storage.settle(write.name, write.writeId);
        sameBytes(await context.read(write.name), bytes);
        await context.storage.delete(write.name);
      }
    },
  },
  {
    id: 'C2.parts-stale-here',
    title: 'so does one that the same client has given up, and one that was stored and is not wanted',
    async run(context) {
      const { parts, pieces, bytes } = partsOf(context);
      const [one, two, three] = pieces as [Piece, Piece, Piece];
      const write = await parts.begin(NAME);
      const stored = [await put(parts, write, one, 1)];
      await put(parts, write, { ...two, bytes: patternBytes(78, two.bytes.byteLength) }, 2);
      const gate = gatedStream(patternBytes(79, two.bytes.byteLength));
      const place = { number: 3, offset: two.offset };
      const asleep = parts.writePart(write, place, gate, { sizeBytes: two.bytes.byteLength });
      const settled = asleep.catch(() => undefined);
      await gate.halfWay;
      stored.push(await put(parts, write, two, 4), await put(parts, write, three, 5));
      await parts.complete(write, stored);
      gate.open();
      await settled;
      sameBytes(await context.read(NAME), bytes);
      await context.storage.settle(NAME, write.writeId);
    },
  },
  {
    id: 'C2.parts-twice',
    title: 'completed twice, also at once by two clients, it is the same object',
    async run(context) {
      const { parts, pieces, bytes } = partsOf(context);
      const other = await reopened(context);
      const write = await parts.begin(NAME);
      const stored: StoredPart[] = [];
      for (const [index, piece] of pieces.entries()) stored.push(await put(parts, write, piece, index + 1));
      const [one, two] = await Promise.all([parts.complete(write, stored), other.complete(write, stored)]);
      const three = await other.complete(write, stored);
      const { version } = await context.storage.info(NAME);
      assert.deepEqual([one.version, two.version, three.version], [version, version, version]);
      sameBytes(await context.read(NAME), bytes);
      await context.storage.settle(NAME, write.writeId);
    },
  },
  {
    id: 'C2.parts-lost-answer',
    title: 'an answer that is lost costs nothing: of the beginning, of a part, or of the end',
    async run(context) {
      const { pieces, bytes } = partsOf(context);
      for (const on of ['begin', 'writePart', 'complete'] as const)
        for (const fault of [lostAnswer(), before(timedOut)]) {
          const parts = required(storageParts(context.faulty([{ on, nth: 1, fault }])));
          const write = await parts.begin(NAME);
          assert.equal(write.name, NAME, 'the name of what was lost is still held');
          const stored: StoredPart[] = [];
          for (const [index, piece] of pieces.entries())
            stored.push(await put(parts, write, piece, index + 1));
          await parts.complete(write, stored);
          sameBytes(await context.read(NAME), bytes);
          await context.storage.undo(NAME, write.writeId);
          await context.holds([]);
        }
    },
  },
  {
    id: 'C2.parts-overtaken',
    title: 'never takes the place of what somebody put there on purpose',
    async run(context) {
      const { parts, pieces } = partsOf(context);
      const [piece] = pieces as [Piece];
      const write = await parts.begin(NAME);
      const dropsParts = context.settings.lacks['drops-overtaken-parts'] === undefined;
      const stored = dropsParts ? [await put(parts, write, piece, 1)] : [];
      await context.storage.replace(NAME, 'on purpose');
      await rejectsWith('precondition', parts.complete(write, stored));
      assert.equal(await context.text(NAME), 'on purpose');
      await context.storage.undo(NAME, write.writeId);
      assert.equal(await context.text(NAME), 'on purpose');
      await context.holds([NAME]);
    },
  },
  {
    id: 'C2.parts-undone',
    title: 'undone by whomever in mid-upload, nothing of it is left and nothing can be added',
    async run(context) {
      const { parts, pieces } = partsOf(context);
      const { storage } = context;
      const other = await context.offered('reopen')();
      const [piece] = pieces as [Piece];
      for (const by of [storage, other]) {
        const write = await parts.begin(NAME);
        const stored = [await put(parts, write, piece, 1)];
        const gate = gatedStream(patternBytes(3, piece.bytes.byteLength));
        const size = { sizeBytes: piece.bytes.byteLength };
        const asleep = parts.writePart(write, { number: 2, offset: piece.bytes.byteLength }, gate, size);
        const settled = asleep.catch(() => undefined);
        await gate.halfWay;
        assert.equal(await by.undo(NAME, write.writeId), 'removed');
        gate.open();
        await settled;
        await by.undo(NAME, write.writeId);
        await context.nothingLeft();
        await rejectsWith(['conflict', 'precondition'], put(parts, write, piece, 3));
        await rejectsWith(['conflict', 'precondition'], parts.complete(write, stored));
        await context.nothingLeft();
        await context.holds([]);
        assert.equal(await storage.save(NAME, 'free again'), NAME);
        assert.equal(await by.undo(NAME, write.writeId), 'foreign');
        await storage.delete(NAME);
      }
    },
  },
  {
    id: 'C2.parts-undone-complete',
    title: 'undone when it is complete, the object is gone; never that of another write',
    async run(context) {
      const { parts, pieces } = partsOf(context);
      const [piece] = pieces as [Piece];
      const write = await parts.begin(NAME);
      await parts.complete(write, [await put(parts, write, piece, 1)]);
      await context.storage.undo(NAME, newWriteId());
      assert.equal(await context.storage.exists(NAME), true);
      assert.equal(await context.storage.undo(NAME, write.writeId), 'removed');
      await context.holds([]);
      const never = await parts.begin(NAME);
      assert.equal(await context.storage.undo(NAME, never.writeId), 'removed');
      await context.holds([]);
    },
  },
  {
    id: 'C2.parts-few',
    title: 'one small part is an object, and no part is an empty one',
    async run(context) {
      const { parts } = partsOf(context);
      for (const content of ['', 'small']) {
        const write = await parts.begin(NAME);
        const stored =
          content === '' ? [] : [await parts.writePart(write, { number: 1, offset: 0 }, content)];
        const info = await parts.complete(write, stored);
        assert.equal(info.sizeBytes, content.length);
        assert.equal(await context.text(NAME), content);
        await context.storage.settle(NAME, write.writeId);
        await context.storage.delete(NAME);
      }
    },
  },
  {
    id: 'C2.parts-other',
    title: 'makes no object of what was not stored so',
    async run(context) {
      const { parts, pieces } = partsOf(context);
      const [one, two] = pieces as [Piece, Piece];
      const write = await parts.begin(NAME);
      const [first, second] = [await put(parts, write, one, 1), await put(parts, write, two, 2)];
      const wrong: readonly (readonly StoredPart[])[] = [
        [{ ...first, receipt: second.receipt }, second],
        [first, { ...second, receipt: 'nonsense' }],
        [first, { ...second, number: 3 }],
      ];
      for (const stored of wrong) await rejectsWith('integrity', parts.complete(write, stored));
      const invalid: readonly (readonly StoredPart[])[] = [
        [second, first],
        [first, first],
        [{ ...first, number: 0 }],
        [{ ...first, sizeBytes: -1 }],
        [{ ...first, sizeBytes: parts.limits.minPartBytes - 1 }, second],
      ];
      for (const stored of invalid) await rejectsWith('invalid-argument', parts.complete(write, stored));
      for (const number of [0, 1.5, parts.limits.maxParts + 1])
        await rejectsWith('invalid-argument', put(parts, write, one, number));
      assert.equal(await context.storage.exists(NAME), false);
      await parts.complete(write, [first, second]);
      await context.storage.settle(NAME, write.writeId);
    },
  },
  {
    id: 'C2.parts-failing',
    title: 'goes on after a part whose content broke off, or that was aborted',
    async run(context) {
      const { parts, pieces, bytes } = partsOf(context);
      const [one, two, three] = pieces as [Piece, Piece, Piece];
      const write = await parts.begin(NAME);
      const stored = [await put(parts, write, one, 1)];
      const broken = new Error('the client went away');
      const place = { number: 2, offset: two.offset };
      const failing = failingStream([two.bytes.subarray(0, 1000)], broken);
      assert.equal(await rejection(parts.writePart(write, place, failing)), broken);
      const hanging = hangingStream();
      const controller = new AbortController();
      const call = parts.writePart(write, { ...place, number: 3 }, hanging, { signal: controller.signal });
      await hanging.hanging;
      controller.abort();
      await rejectsWith('aborted', context.soon(call, 'the aborted part'));
      await noListeners(controller.signal);
      stored.push(await put(parts, write, two, 4), await put(parts, write, three, 5));
      await parts.complete(write, stored);
      sameBytes(await context.read(NAME), bytes);
      await context.storage.settle(NAME, write.writeId);
    },
  },
  {
    id: 'C2.parts-signed',
    title:
      'a client sends parts by URLs, of the length that was signed; none changes the object, or brings it back',
    async run(context) {
      const { parts, pieces, bytes } = partsOf(context);
      if (!parts.canSign) throw new Skip('signs no parts');
      const send = context.offered('fetch');
      const write = await parts.begin(NAME, { byClients: true, contentType: 'application/x-test' });
      const urls = await Promise.all(
        pieces.map((piece, index) =>
          parts.signPart(
            write,
            { number: index + 1, offset: piece.offset },
            { expiresInSeconds: 60, sizeBytes: piece.bytes.byteLength },
          ),
        ),
      );
      const put = async (index: number, body: Uint8Array<ArrayBuffer>): Promise<number> => {
        const { url = '', method = 'PUT', headers = {} } = urls[index] ?? {};
        const response = await send(new Request(url, { method, headers, body }));
        await response.arrayBuffer();
        return response.status;
      };
      const ok = (status: number): void => assert.ok(status < 300, `a part was answered ${status}`);
      const [one, two, three] = pieces as [Piece, Piece, Piece];
      const short = await put(0, one.bytes.slice(1)).catch(() => 400);
      assert.ok(short >= 400, `a part of another length was answered ${short}`);
      ok(await put(0, patternBytes(5, one.bytes.byteLength)));
      const before = await parts.listParts(write);
      assert.deepEqual(
        before.map(({ number, sizeBytes }) => [number, sizeBytes]),
        [[1, one.bytes.byteLength]],
      );
      for (const [index, piece] of pieces.entries()) ok(await put(index, piece.bytes));
      const stored = await parts.listParts(write);
      assert.deepEqual(
        stored.map(({ number, sizeBytes }) => [number, sizeBytes]),
        pieces.map((piece, index) => [index + 1, piece.bytes.byteLength]),
      );
      await rejectsWith('integrity', parts.complete(write, [...before, ...stored.slice(1)]));
      const info = await parts.complete(write, stored);
      await context.storage.settle(NAME, write.writeId);
      const replay = async (): Promise<void> => {
        for (const [index, piece] of [one, two, three].entries())
          for (const body of [piece.bytes, patternBytes(6, piece.bytes.byteLength)])
            await put(index, body).catch(() => 0);
      };
      await replay();
      sameBytes(await context.read(NAME), bytes);
      assert.equal((await context.storage.info(NAME)).version, info.version);
      await rejectsWith('conflict', parts.listParts(write));
      await context.nothingLeft();
      await context.storage.delete(NAME);
      await replay();
      assert.equal(await context.storage.exists(NAME), false, 'a URL brought it back');
      const undone = await parts.begin(NAME, { byClients: true });
      const size = { expiresInSeconds: 60, sizeBytes: one.bytes.byteLength };
      urls[0] = await parts.signPart(undone, { number: 1, offset: 0 }, size);
      ok(await put(0, one.bytes));
      await context.storage.undo(NAME, undone.writeId);
      await put(0, one.bytes).catch(() => 0);
      await context.nothingLeft();
      await context.holds([]);
    },
  },
  {
    id: 'C2.parts-durable',
    title: 'what is complete survives a power cut',
    async run(context) {
      const { parts, pieces, bytes } = partsOf(context);
      const crash = context.offered('crash');
      const write = await parts.begin(NAME);
      const stored: StoredPart[] = [];
      for (const [index, piece] of pieces.entries()) stored.push(await put(parts, write, piece, index + 1));
      await parts.complete(write, stored);
      await context.storage.settle(NAME, write.writeId);
      sameBytes(await context.read(NAME, await crash()), bytes);
    },
  },
  {
    id: 'C2.parts-wrapped',
    title: 'a storage below a prefix writes in parts, and one that is read-only does not',
    async run(context) {
      const { pieces } = partsOf(context);
      const [piece] = pieces as [Piece];
      assert.equal(storageParts(new Storage(readOnly(context.backend))), undefined);
      const below = context.around(withPrefix(context.backend, 'tenants/7'));
      const parts = required(storageParts(below));
      const write = await parts.begin(NAME);
      assert.equal(write.name, NAME);
      const info = await parts.complete(write, [await put(parts, write, piece, 1)]);
      assert.equal(info.name, NAME);
      sameBytes(await context.read(`tenants/7/${NAME}`), piece.bytes);
      await below.settle(NAME, write.writeId);
    },
  },
  {
    id: 'C2.parts-flat-memory',
    title: 'stores parts of any number in flat memory',
    async run(context) {
      context.needs('flat-memory');
      const { parts } = partsOf(context);
      const { maxGrowthBytes } = context.settings;
      const hugeBytes = context.settings.hugeBytes / 2;
      const partBytes = Math.max(parts.limits.minPartBytes, 8 * 1024 * 1024);
      collectGarbage();
      const start = process.memoryUsage.rss();
      let peak = start;
      function* part(seed: number): Generator<Uint8Array> {
        for (const chunk of pattern(seed, partBytes)) {
          peak = Math.max(peak, process.memoryUsage.rss());
          yield chunk;
        }
      }
      const write = await parts.begin(NAME);
      const stored: StoredPart[] = [];
      for (let offset = 0; offset < hugeBytes; offset += partBytes) {
        const number = stored.length + 1;
        stored.push(await parts.writePart(write, { number, offset }, part(number), { sizeBytes: partBytes }));
      }
      const info = await parts.complete(write, stored);
      peak = Math.max(peak, process.memoryUsage.rss());
      assert.equal(info.sizeBytes, stored.length * partBytes);
      await context.storage.settle(NAME, write.writeId);
      const growth = peak - start;
      assert.ok(growth <= maxGrowthBytes, `memory grew by ${growth} bytes for ${hugeBytes} bytes of content`);
    },
  },
];

/** One part, and where it belongs. */
interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Three pieces of an object, of which the last is smaller. @throws Skip where there are no parts. */
function partsOf(context: StorageContext): {
  readonly parts: StorageParts;
  readonly pieces: readonly Piece[];
  readonly bytes: Uint8Array<ArrayBuffer>;
} {
  context.needs('create'); // a name is held as anything is created
  const parts = storageParts(context.storage);
  if (!parts) throw new Skip('writes no parts');
  const sizeBytes = Math.max(parts.limits.minPartBytes, 100_000) + 1;
  const bytes = patternBytes(1, 2 * sizeBytes + 999);
  const pieces = [0, sizeBytes, 2 * sizeBytes].map(offset => ({
    offset,
    bytes: bytes.slice(offset, offset + sizeBytes),
  }));
  return { parts, pieces, bytes };
}

const put = (
  parts: StorageParts,
  write: PartedWrite,
  { offset, bytes }: Piece,
  number: number,
): Promise<StoredPart> => parts.writePart(write, { number, offset }, bytes);

const inOrder = (parts: readonly StoredPart[]): readonly StoredPart[] =>
  [...parts].sort((one, other) => one.number - other.number);

const reopened = async (context: StorageContext): Promise<StorageParts> =>
  required(storageParts(await context.offered('reopen')()));

/** What is kept is text. */
const textOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

function required<T>(value: T | undefined): T {
  assert.ok(value, 'the storage writes no parts');
  return value;
}
