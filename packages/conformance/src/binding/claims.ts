import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnyFileField, ClaimOptions, StagedFile, UploadClaim } from '@fieldfile/core';
import { canSignUploads } from '@fieldfile/storage';
import type { SignedRequest } from '@fieldfile/storage/backend';
import { Skip } from '../contract/behaviour.ts';
import { rejectsWith } from '../storage/assertions.ts';
import type { BindingBehaviour, BindingContext } from './context.ts';

const BYTES = 'uploaded by a client';
const FOR = { for: 'user 7' };
const field = { claims: { signingKey: 'a key of claims with 32 bytes or more' } };

/** C1: what a client uploads itself becomes one row's, once it was verified, or ends with its time. */
export const claims: readonly BindingBehaviour[] = [
  {
    id: 'C1.claim-insert',
    title: 'a new row takes what a client uploaded, and no byte moves through the application',
    field,
    async run(context) {
      const file = await redeemed(context);
      const made = () => context.calls.filter(({ operation }) => /create|copy/.test(operation)).length;
      const before = made();
      const row = context.subject.make({ name: 'a document' });
      context.subject.assign(row, file);
      const { id } = await context.subject.insert(row);
      assert.equal(made(), before);
      await context.storedText(id, BYTES);
      await context.agrees();
    },
  },
  {
    id: 'C1.claim-update',
    title: 'a row that has a file takes an uploaded one instead, and the old object goes',
    field,
    async run(context) {
      const row = await context.find((await context.document('old.txt')).id);
      context.subject.assign(row, await redeemed(context));
      await context.subject.save(row, { name: 'renamed' });
      await context.storedText(row.id, BYTES);
      await context.agrees();
    },
  },
  {
    id: 'C1.claim-rolled-back',
    title: 'a rollback leaves an upload to be redeemed again',
    field,
    async run(context) {
      const claim = await uploaded(context);
      const { id } = await context.document('old.txt');
      const rollback = new Error('rolled back');
      const file = await fieldOf(context).redeem(claim.token, FOR);
      const work = context.subject.transaction(async rows => {
        const row = await context.find(id, rows);
        context.subject.assign(row, file);
        await rows.save(row, {});
        throw rollback;
      });
      await assert.rejects(work, error => error === rollback);
      await context.recover();
      await context.storedText(id, 'content of old.txt');
      const row = await context.find(id);
      context.subject.assign(row, await fieldOf(context).redeem(claim.token, FOR));
      await context.subject.save(row, {});
      await context.storedText(id, BYTES);
      await context.agrees();
    },
  },
  {
    id: 'C1.claim-savepoint',
    title: 'a savepoint that is rolled back leaves an upload to be redeemed again',
    field,
    async run(context) {
      context.needs('savepoints');
      const claim = await uploaded(context);
      const { id } = await context.document('old.txt');
      const rollback = new Error('rolled back');
      await context.subject.transaction(async rows => {
        const inner = context.savepoint(rows, async within => {
          const row = await context.find(id, within);
          context.subject.assign(row, await redeem(context, claim));
          await within.save(row, { name: 'within' });
          throw rollback;
        });
        await assert.rejects(inner, error => error === rollback);
      });
      await context.recover();
      await context.storedText(id, 'content of old.txt');
      const row = await context.find(id);
      context.subject.assign(row, await redeem(context, claim));
      await context.subject.save(row, {});
      await context.storedText(id, BYTES);
      await context.agrees();
    },
  },
  {
    id: 'C1.claim-two-rows',
    title: 'one upload for two rows of a transaction is refused at once, and can be redeemed again',
    field,
    async run(context) {
      const claim = await uploaded(context);
      const first = await context.document('first.txt');
      const second = await context.document('second.txt');
      const work = context.subject.transaction(async rows => {
        const found = [await context.find(first.id, rows), await context.find(second.id, rows)];
        for (const row of found) context.subject.assign(row, await redeem(context, claim));
        for (const row of found) await rows.save(row, {});
      });
      await rejectsWith('intent-lost', work);
      await context.recover();
      await context.storedText(first.id, 'content of first.txt');
      await context.storedText(second.id, 'content of second.txt');
      const row = await context.find(second.id);
      context.subject.assign(row, await redeem(context, claim));
      await context.subject.save(row, {});
      await context.storedText(second.id, BYTES);
      await context.agrees();
    },
  },
  {
    id: 'C1.claim-once',
    title: 'a token is redeemed once',
    field,
    async run(context) {
      const claim = await uploaded(context);
      const [first, second] = [await redeem(context, claim), await redeem(context, claim)];
      const row = context.subject.make({ name: 'first' });
      context.subject.assign(row, first);
      const { id } = await context.subject.insert(row);
      const other = await context.find((await context.document('other.txt')).id);
      context.subject.assign(other, second);
      await rejectsWith('intent-lost', context.subject.save(other, {}));
      await rejectsWith('intent-lost', redeem(context, claim));
      await context.storedText(id, BYTES);
      await context.storedText(other.id, 'content of other.txt');
      await context.recover();
      await context.agrees();
    },
  },
  {
    id: 'C1.claim-raced',
    title: 'of many rows that redeem one token at once one gets the file',
    field,
    async run(context) {
      const claim = await uploaded(context);
      const racing = Array.from({ length: 12 }, async (_, index) => {
        const row = context.subject.make({ name: `rival ${index}` });
        context.subject.assign(row, await redeem(context, claim));
        return (await context.subject.insert(row)).id;
      });
      const outcomes = await Promise.allSettled(racing);
      const made = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      const lost = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
      assert.equal(made.length, 1, `${made.length} rows have it`);
      assert.deepEqual([...new Set(lost)], ['intent-lost']);
      for (const id of made) await context.storedText(id, BYTES);
      await context.recover();
      await context.agrees();
    },
  },
  {
    id: 'C1.claim-under-way',
    title: 'a token is refused at once while the transaction of a row that has it is open',
    field,
    async run(context) {
      const claim = await uploaded(context);
      const file = await redeem(context, claim);
      const id = await context.subject.transaction(async rows => {
        const row = context.subject.make({ name: 'first' });
        context.subject.assign(row, file);
        const inserted = await rows.insert(row);
        await rejectsWith('intent-lost', redeem(context, claim)); // whoever waited would wait for itself
        return inserted.id;
      });
      await context.storedText(id, BYTES);
      await context.recover();
      await context.agrees();
    },
  },
  {
    id: 'C1.claim-too-late',
    title: 'when its time is over recovery takes back a claim, uploaded or not, and no row gets it any more',
    field,
    async run(context) {
      const brief = { expiresInSeconds: 2, keepSeconds: 2 };
      const claim = await uploaded(context, brief);
      const file = await redeem(context, claim);
      await given(context, brief);
      await context.recover();
      assert.equal(await context.text(file.staged.name), BYTES);
      await sleep(3100); // whole seconds, rounded up
      await context.recover();
      const row = await context.find((await context.document('old.txt')).id);
      context.subject.assign(row, file);
      await rejectsWith('intent-lost', context.subject.save(row, { name: 'renamed' }));
      await rejectsWith('intent-lost', redeem(context, claim));
      await context.storedText(row.id, 'content of old.txt');
      await context.agrees();
    },
  },
  {
    id: 'C1.claim-refused',
    title: 'what is not what was claimed is refused, and nothing of it is left',
    field,
    async run(context) {
      const digest = { algorithm: 'md5', base64: 'AAAAAAAAAAAAAAAAAAAAAA==' } as const;
      const claim = await uploaded(context, { digest });
      await rejectsWith('integrity', redeem(context, claim));
      await rejectsWith('intent-lost', redeem(context, claim));
      await context.agrees();
    },
  },
  {
    id: 'C1.claim-not-uploaded',
    title: 'nothing can be redeemed before it was uploaded, or by somebody else',
    field,
    async run(context) {
      const claim = await given(context);
      await rejectsWith('not-found', redeem(context, claim));
      await send(context, claim);
      await rejectsWith('permission', fieldOf(context).redeem(claim.token, { for: 'user 8' }));
      await rejectsWith('permission', fieldOf(context).redeem(`${claim.token}x`, FOR));
      await (await redeem(context, claim)).undo();
      await context.agrees();
    },
  },
];

async function given(context: BindingContext, options: Partial<ClaimOptions> = {}): Promise<UploadClaim> {
  context.needs('journal');
  if (!('verifyToken' in context.storage.backend) || !canSignUploads(context.storage))
    throw new Skip('the storage signs no uploads of its own');
  return fieldOf(context).claim({ filename: 'claimed.txt', sizeBytes: BYTES.length, ...FOR, ...options });
}

async function uploaded(context: BindingContext, options: Partial<ClaimOptions> = {}): Promise<UploadClaim> {
  const claim = await given(context, options);
  await send(context, claim);
  return claim;
}

/** What a server of the storage does with the request that the client makes. */
async function send({ storage }: BindingContext, { upload }: UploadClaim): Promise<void> {
  const backend = storage.backend as unknown as { verifyToken(url: string, method: string): SignedRequest };
  const { name, contentType, replaces } = backend.verifyToken(upload.url, upload.method);
  assert.ok(replaces, 'the upload is bound to no object');
  const { version: ifMatch, writeId } = replaces;
  await storage.replace(name, BYTES, {
    ...{ ifMatch, writeId, settles: false },
    ...(contentType === undefined ? {} : { contentType }),
  });
}

const redeem = (context: BindingContext, { token }: UploadClaim): Promise<StagedFile> =>
  fieldOf(context).redeem(token, FOR);

const redeemed = async (context: BindingContext): Promise<StagedFile> =>
  redeem(context, await uploaded(context));

function fieldOf({ subject }: BindingContext): AnyFileField {
  const field = subject.fields?.find(({ name }) => name === 'avatar');
  assert.ok(field, 'the subject names no field `avatar`');
  return field;
}
