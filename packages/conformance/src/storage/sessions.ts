import assert from 'node:assert/strict';
import { isFieldFileError, type ObjectInfo, type ObjectWrite, withPrefix } from '@fieldfile/storage';
import { newWriteId, type UploadTarget } from '@fieldfile/storage/backend';
import { type StorageParts, storageParts, type UploadSession } from '@fieldfile/storage/parts';
import { patternBytes } from '../content/pattern.ts';
import { Skip } from '../contract/behaviour.ts';
import { before, lostAnswer } from '../faults/fault.ts';
import { rejectsWith, sameBytes } from './assertions.ts';
import type { StorageBehaviour, StorageContext } from './context.ts';

const NAME = 'held.bin';
const HOLDER = patternBytes(9, 100);
/** Services keep what is no multiple of some hundred KiB only with the last bytes. */
const FIRST_BYTES = 512 * 1024;
const BYTES = patternBytes(1, FIRST_BYTES + 1000);
const OTHER = patternBytes(2, BYTES.byteLength);
const TYPE = 'application/x-test';

/** C1: what a client sends to a session takes the place of one object, once, and nothing comes of the session afterwards. */
export const sessions: readonly StorageBehaviour[] = [
  {
    id: 'C1.session',
    title: 'a session knows how far it came, and what is sent to it takes the place of what held the name',
    async run(context) {
      const { storage } = context;
      const given = await giveOut(context);
      const { parts, session, target } = given;
      assert.equal(await parts.sessionBytes(session), 0);
      await send(context, session, BYTES, { endExclusive: FIRST_BYTES });
      const came = await parts.sessionBytes(session);
      assert.equal(came, FIRST_BYTES);
      assert.equal(await uploaded(context, given), undefined, 'it is there before all of it came');
      accepted(await send(context, session, BYTES, { start: came }));
      assert.equal(await parts.sessionBytes(session), BYTES.byteLength);
      const info = await uploaded(context, given);
      assert.ok(info, 'what was sent is not found');
      assert.notEqual(info.version, target.version);
      assert.equal(info.contentType, TYPE);
      sameBytes(await context.read(NAME), BYTES);
      await settle(context, given);
      assert.equal((await storage.info(NAME)).version, info.version);
      await context.holds([NAME]);
    },
  },
  {
    id: 'C1.session-replayed',
    title: 'nothing that is sent to it later changes what it made, or brings it back',
    async run(context) {
      const { storage } = context;
      const given = await giveOut(context);
      accepted(await send(context, given.session, BYTES));
      const info = await uploaded(context, given);
      await settle(context, given);
      await replayed(context, given, async () => {
        sameBytes(await context.read(NAME), BYTES);
        assert.equal((await storage.info(NAME)).version, info?.version);
      });
      await storage.delete(NAME);
      await replayed(context, given, async () =>
        assert.equal(await storage.exists(NAME), false, 'it was brought back'),
      );
      await storage.save(NAME, OTHER);
      await replayed(context, given, async () => sameBytes(await context.read(NAME), OTHER));
      await context.holds([NAME]);
      await context.nothingLeft();
    },
  },
  {
    id: 'C1.session-undone',
    title: 'once what held the name is gone, nothing comes of it, however much was sent before',
    async run(context) {
      for (const first of [0, FIRST_BYTES]) {
        const given = await giveOut(context);
        const { parts, session } = given;
        if (first > 0) await send(context, session, BYTES, { endExclusive: first });
        await undo(context, given);
        await send(context, session, BYTES, { start: first });
        await rejectsWith('conflict', parts.sessionBytes(session));
        await replayed(context, given, async () => {
          assert.equal(await context.storage.exists(NAME), false, 'it is there after it was undone');
          assert.equal(await uploaded(context, given), undefined);
        });
        await context.holds([]);
        await context.nothingLeft();
      }
    },
  },
  {
    id: 'C1.session-ended',
    title: 'ended, it takes nothing any more, and what held the name is as before',
    async run(context) {
      const { storage } = context;
      const given = await giveOut(context);
      const { parts, session, target } = given;
      await send(context, session, BYTES, { endExclusive: FIRST_BYTES });
      await parts.endSession(session);
      for (const start of [FIRST_BYTES, 0]) {
        const status = await send(context, session, BYTES, { start });
        assert.ok(status >= 400, `what was sent later was answered ${status}`);
      }
      await rejectsWith('conflict', parts.sessionBytes(session));
      await parts.endSession(session);
      assert.equal((await storage.info(NAME)).version, target.version);
      await undo(context, given);
      await context.nothingLeft();
    },
  },
  {
    id: 'C1.session-other',
    title: 'takes no other length and no other type than it was begun for',
    async run(context) {
      for (const bytes of [
        HOLDER,
        BYTES.subarray(1),
        new Uint8Array(0),
        patternBytes(3, BYTES.byteLength + 1),
      ]) {
        const given = await giveOut(context);
        await send(context, given.session, bytes).catch(() => 0);
        await refusedOrFound(context, given, `${bytes.byteLength} bytes were taken`);
        await drop(context, given);
      }
      const given = await giveOut(context);
      await send(context, given.session, BYTES, {}, { 'content-type': 'text/html' });
      const { contentType = TYPE } = (await uploaded(context, given)) ?? {};
      assert.equal(contentType, TYPE, 'who sends has chosen the type');
      await drop(context, given);
      await context.holds([]);
    },
  },
  {
    id: 'C1.session-raced',
    title: 'of two sessions for one name one makes an object, and of what comes to one at once one is whole',
    async run(context) {
      const given = await giveOut(context);
      const { parts, session, target } = given;
      const rival = await start(parts, { ...target, writeId: newWriteId() });
      await Promise.all([session, session, rival].map(one => send(context, one, BYTES).catch(() => 0)));
      const made = await Promise.all(
        [session, rival].map(async one => {
          try {
            return await parts.sessionBytes(one);
          } catch (error) {
            if (!isFieldFileError(error, 'conflict')) throw error;
            return 0;
          }
        }),
      );
      assert.deepEqual(
        made.sort((one, other) => one - other),
        [0, BYTES.byteLength],
      );
      sameBytes(await context.read(NAME), BYTES);
      await context.holds([NAME]);
    },
  },
  {
    id: 'C1.session-version',
    title: 'begins over no other version than it was told, nor where there is none',
    async run(context) {
      const given = await giveOut(context);
      const { parts, target } = given;
      await context.storage.replace(NAME, OTHER);
      await rejectsWith('precondition', start(parts, target));
      await context.storage.delete(NAME);
      await assert.rejects(
        start(parts, target),
        error => isFieldFileError(error, 'precondition', 'not-found'),
        'it begins where nothing is',
      );
      await parts.endSession(given.session);
      await context.nothingLeft();
    },
  },
  {
    id: 'C1.session-options',
    title: 'begins none without its exact length, version and write id, nor for what is no origin',
    async run(context) {
      const { parts, target, session } = await giveOut(context);
      const right = { replaces: target, exactBytes: 1 };
      const wrong: object[] = [
        { replaces: target },
        { exactBytes: 1 },
        { ...right, exactBytes: -1 },
        { ...right, exactBytes: 1.5 },
        { ...right, replaces: { version: target.version } },
        { ...right, replaces: { writeId: target.writeId } },
        ...['https://a.example/', 'a.example', 'null', '', 'https://a.example\r\nx: y', 7].map(origin => ({
          ...right,
          origin,
        })),
        { ...right, sizeBytes: 1 },
      ];
      for (const options of wrong)
        await rejectsWith('invalid-argument', () => parts.startSession(NAME, options as typeof right));
      await parts.endSession(session);
    },
  },
  {
    id: 'C1.session-lost-answer',
    title: 'a beginning that does not get through and an answer that is lost cost nothing',
    async run(context) {
      for (const [on, fault] of [
        // Of one that was begun and is not known, nobody has the address.
        ['startSession', before()],
        ['sessionBytes', lostAnswer()],
        ['endSession', lostAnswer()],
      ] as const) {
        const { target, session: unused, parts: inner } = await giveOut(context);
        const parts = storageParts(context.faulty([{ on, nth: 1, fault }]));
        assert.ok(parts);
        const session = await start(parts, target);
        assert.equal(await parts.sessionBytes(session), 0);
        await parts.endSession(session);
        await inner.endSession(unused);
        await context.storage.delete(NAME);
      }
    },
  },
  {
    id: 'C1.session-below',
    title: 'below a prefix it is the same, and no name shows what is above',
    async run(context) {
      if (!storageParts(context.storage)?.startsSessions) throw new Skip('starts no sessions');
      const below = context.around(withPrefix(context.backend, 'tenants/7'));
      const parts = storageParts(below);
      assert.ok(parts?.startsSessions);
      const { info } = await below.create(NAME, HOLDER);
      const session = await start(parts, { version: info.version, writeId: newWriteId() });
      assert.equal(session.name, NAME);
      accepted(await send(context, session, BYTES));
      assert.equal(await parts.sessionBytes(session), BYTES.byteLength);
      sameBytes(await context.read(NAME, below), BYTES);
      await parts.endSession(session);
      await context.holds([`tenants/7/${NAME}`]);
    },
  },
];

interface Given {
  readonly parts: StorageParts;
  readonly holder: ObjectWrite;
  readonly target: UploadTarget;
  readonly session: UploadSession;
}

/** Holds a name, and begins the session that is to take its place. @throws Skip where there are none. */
async function giveOut(context: StorageContext): Promise<Given> {
  const parts = storageParts(context.storage);
  if (!parts?.startsSessions) throw new Skip('starts no sessions');
  const holder = await context.storage.create(NAME, HOLDER);
  const target = { version: holder.info.version, writeId: newWriteId() };
  return { parts, holder, target, session: await start(parts, target) };
}

const start = (parts: StorageParts, replaces: UploadTarget): Promise<UploadSession> =>
  parts.startSession(NAME, { replaces, exactBytes: BYTES.byteLength, contentType: TYPE });

/** Sends bytes of a content as a browser does. @returns the status of the answer. */
async function send(
  context: StorageContext,
  { url }: UploadSession,
  content: Uint8Array<ArrayBuffer>,
  { start = 0, endExclusive = content.byteLength }: { start?: number; endExclusive?: number } = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const body = content.subarray(start, endExclusive);
  const range = body.byteLength === 0 ? '*' : `${start}-${endExclusive - 1}`;
  const response = await context.offered('fetch')(
    new Request(url, {
      ...{ method: 'PUT', body, redirect: 'manual' },
      headers: { ...headers, 'content-range': `bytes ${range}/${content.byteLength}` },
    }),
  );
  await response.body?.cancel();
  return response.status;
}

const uploaded = ({ storage }: StorageContext, { target }: Given): Promise<ObjectInfo | undefined> =>
  storage.uploaded(NAME, target, { exactBytes: BYTES.byteLength });

async function settle({ storage }: StorageContext, { holder, target }: Given): Promise<void> {
  await storage.settle(NAME, target.writeId);
  await storage.settle(NAME, holder.writeId);
}

async function undo({ storage }: StorageContext, { holder, target }: Given): Promise<void> {
  await storage.undo(NAME, target.writeId);
  await storage.undo(NAME, holder.writeId);
}

/** Leaves nothing of it, whatever became of it. */
async function drop(context: StorageContext, given: Given): Promise<void> {
  await given.parts.endSession(given.session);
  await undo(context, given);
}

/** Sends everything that somebody might try again. What it is answered does not matter. */
async function replayed(context: StorageContext, given: Given, look: () => Promise<void>): Promise<void> {
  const { parts, session } = given;
  for (const bytes of [BYTES, OTHER, HOLDER, new Uint8Array(0)]) {
    await send(context, session, bytes).catch(() => 0);
    await look();
  }
  await parts.sessionBytes(session).catch(() => 0);
  await look();
  await parts.endSession(session);
  await look();
}

/** Refused at once, or when it is looked at. */
async function refusedOrFound(context: StorageContext, given: Given, taken: string): Promise<void> {
  try {
    const info = await uploaded(context, given);
    assert.ok(info === undefined || info.sizeBytes !== BYTES.byteLength, taken);
  } catch (error) {
    if (!isFieldFileError(error, 'integrity')) throw error;
  }
}

function accepted(status: number): void {
  assert.ok(status >= 200 && status < 300, `what was sent was answered ${status}`);
}
