import assert from 'node:assert/strict';
import { isFieldFileError, type ObjectInfo, type ObjectWrite, type SignedUpload } from '@fieldfile/storage';
import { newWriteId, type UploadTarget } from '@fieldfile/storage/backend';
import { patternBytes } from '../content/pattern.ts';
import { Skip } from '../contract/behaviour.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';
import { sendUpload, signsUploads } from './send-upload.ts';

const NAME = 'held.bin';
const HOLDER = patternBytes(9, 100);
const BYTES = patternBytes(1, 1000);
const OTHER = patternBytes(2, 1000);

/** C1: an upload by a client takes the place of one object, once, and no URL that was given out changes it afterwards. */
export const clientUploads: readonly StorageBehaviour[] = [
  {
    id: 'C1.upload',
    title: 'an upload takes the place of the object that held its name, and is told by its write id',
    async run(context) {
      const { storage } = context;
      const given = await giveOut(context);
      assert.equal(await uploaded(context, given), undefined);
      accepted(await send(context, given, BYTES));
      const info = await uploaded(context, given);
      assert.ok(info, 'what was uploaded is not found');
      assert.equal(info.sizeBytes, BYTES.byteLength);
      assert.notEqual(info.version, given.target.version);
      assert.equal((await uploaded(context, given))?.version, info.version, 'asked again, it is another one');
      sameBytes(await context.read(NAME), BYTES);
      await end(context, given);
      assert.equal((await storage.info(NAME)).version, info.version);
      await context.holds([NAME]);
    },
  },
  {
    id: 'C1.upload-replayed',
    title: 'no URL that was given out changes what was uploaded, or brings it back',
    async run(context) {
      const { storage } = context;
      const given = await giveOut(context);
      accepted(await send(context, given, BYTES));
      const info = await uploaded(context, given);
      await settle(context, given);
      await replayed(context, given, async () => {
        sameBytes(await context.read(NAME), BYTES);
        assert.equal((await storage.info(NAME)).version, info?.version);
      });
      await storage.delete(NAME);
      await replayed(context, given, async () => {
        assert.equal(await uploaded(context, given), undefined);
        assert.equal(await storage.exists(NAME), false, 'a URL brought it back');
      });
      await storage.save(NAME, OTHER);
      await replayed(context, given, async () => {
        assert.equal(await uploaded(context, given), undefined);
        sameBytes(await context.read(NAME), OTHER);
      });
      await end(context, given);
      await context.holds([NAME]);
      await context.nothingLeft();
    },
  },
  {
    id: 'C1.upload-before-look',
    title: 'what was uploaded first stays, though nobody has looked at it yet',
    async run(context) {
      const given = await giveOut(context);
      accepted(await send(context, given, BYTES));
      await replayed(context, given, async () => {});
      assert.ok(await uploaded(context, given));
      sameBytes(await context.read(NAME), BYTES);
      await end(context, given);
    },
  },
  {
    id: 'C1.upload-undone',
    title: 'undone, it is gone, and an upload that comes later leaves nothing that stays',
    async run(context) {
      const { storage } = context;
      for (const isLate of [false, true]) {
        const given = await giveOut(context);
        if (!isLate) {
          accepted(await send(context, given, BYTES));
          assert.ok(await uploaded(context, given));
        }
        await undo(context, given);
        assert.equal(await storage.exists(NAME), false);
        await replayed(context, given, async () => {
          assert.equal(await storage.exists(NAME), false, 'it is there after it was undone');
          assert.equal(await uploaded(context, given), undefined);
        });
        await undo(context, given);
        await context.holds([]);
        await context.nothingLeft();
      }
    },
  },
  {
    id: 'C1.upload-unseen',
    title: 'what nobody has looked at is undone, too, and never the object of another write',
    async run(context) {
      const { storage } = context;
      const given = await giveOut(context);
      accepted(await send(context, given, BYTES));
      await undo(context, given);
      await context.holds([]);
      await storage.save(NAME, OTHER);
      await undo(context, given);
      sameBytes(await context.read(NAME), OTHER);
    },
  },
  {
    id: 'C1.upload-other',
    title: 'takes no other length and no other type than was signed',
    async run(context) {
      const given = await giveOut(context);
      for (const bytes of [HOLDER, BYTES.subarray(1), new Uint8Array(0), patternBytes(3, 1001)])
        await refusedThen(context, given, bytes);
      await undo(context, given);
      await context.holds([]);
    },
  },
  {
    id: 'C1.upload-raced',
    title: 'of several uploads at once one is stored, whole',
    async run(context) {
      const given = await giveOut(context);
      const contents = Array.from({ length: 6 }, (_, index) => patternBytes(10 + index, BYTES.byteLength));
      await Promise.all(contents.map(bytes => send(context, given, bytes).catch(() => 0)));
      assert.ok(await uploaded(context, given), 'none was stored');
      const stored = Buffer.from(await context.read(NAME));
      assert.ok(
        contents.some(bytes => stored.equals(bytes)),
        'it is a mixture',
      );
      await settle(context, given);
      await replayed(context, given, async () => sameBytes(await context.read(NAME), stored));
      await end(context, given);
    },
  },
  {
    id: 'C1.upload-options',
    title: 'signs no upload over an object without its exact length, version and write id',
    async run(context) {
      const signing = signsUploads(context.storage);
      const { info, writeId } = await context.storage.create(NAME, HOLDER);
      const replaces = { version: info.version, writeId: newWriteId() };
      const soon = { expiresInSeconds: 60 };
      await rejectsWith('invalid-argument', () => signing.signedUpload(NAME, { ...soon, replaces }));
      for (const wrong of [{ version: info.version }, { writeId: replaces.writeId }, {}])
        await rejectsWith('invalid-argument', () =>
          signing.signedUpload(NAME, { ...soon, exactBytes: 1, replaces: wrong as UploadTarget }),
        );
      await context.storage.undo(NAME, writeId);
    },
  },
];

interface Given {
  readonly holder: ObjectWrite;
  readonly target: UploadTarget;
  readonly upload: SignedUpload;
}

/** Holds a name, and signs the upload that is to take its place. @throws Skip where that cannot be bound. */
async function giveOut(context: StorageContext): Promise<Given> {
  const signing = signsUploads(context.storage);
  const holder = await context.storage.create(NAME, HOLDER);
  const target = { version: holder.info.version, writeId: newWriteId() };
  try {
    const upload = await signing.signedUpload(NAME, {
      expiresInSeconds: 60,
      exactBytes: BYTES.byteLength,
      contentType: 'application/x-test',
      replaces: target,
    });
    return { holder, target, upload };
  } catch (error) {
    if (!isFieldFileError(error, 'unsupported')) throw error;
    throw new Skip('cannot bind what an upload replaces');
  }
}

const send = (context: StorageContext, { upload }: Given, bytes: Uint8Array<ArrayBuffer>): Promise<number> =>
  sendUpload(context, upload, bytes);

const uploaded = ({ storage }: StorageContext, { target }: Given): Promise<ObjectInfo | undefined> =>
  storage.uploaded(NAME, target, { exactBytes: BYTES.byteLength });

async function settle({ storage }: StorageContext, { holder, target }: Given): Promise<void> {
  await storage.settle(NAME, target.writeId);
  await storage.settle(NAME, holder.writeId);
}

/** The URL is over: nothing more can come beside the object. */
async function end(context: StorageContext, given: Given): Promise<void> {
  await settle(context, given);
  await context.storage.undo(NAME, given.target.writeId, { keepObject: true });
}

async function undo({ storage }: StorageContext, { holder, target }: Given): Promise<void> {
  await storage.undo(NAME, target.writeId);
  await storage.undo(NAME, holder.writeId);
}

/** Sends everything that somebody might try again. What it is answered does not matter. */
async function replayed(context: StorageContext, given: Given, look: () => Promise<void>): Promise<void> {
  for (const bytes of [BYTES, OTHER, HOLDER, new Uint8Array(0)]) {
    await send(context, given, bytes).catch(() => 0);
    await look();
  }
}

/** Refused at once, or when it is looked at; then the first upload of the right length still counts, or nothing does. */
async function refusedThen(
  context: StorageContext,
  given: Given,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  await send(context, given, bytes).catch(() => 0);
  try {
    assert.equal(await uploaded(context, given), undefined, `${bytes.byteLength} bytes were taken`);
  } catch (error) {
    if (!isFieldFileError(error, 'integrity')) throw error;
  }
}

function accepted(status: number): void {
  assert.ok(status >= 200 && status < 300, `the upload was answered ${status}`);
}
