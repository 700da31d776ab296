import { createHash } from 'node:crypto';
import { isFieldFileError, type UploadClaim } from '@fieldfile/core';
import { recover } from '@fieldfile/core/journal';
import { load } from '@fieldfile/test-servers/load';
import { describe, expect, test } from 'vitest';
import { places } from './places.ts';
import { openWorld, type World } from './world.ts';

const PNG: Buffer<ArrayBuffer> = Buffer.concat([
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    'base64',
  ),
  Buffer.alloc(3000, 7),
]);
const OTHER: Buffer<ArrayBuffer> = Buffer.from(PNG).fill(9, 100);
const PICTURES = { accept: ['image/png'], columns: { size: 'size', digest: 'digest' } } as const;
const FOR = { for: 'user 7' };
/** Another name than the file's. */
const SAVED = 'attachment; filename="me.exe"';
const RIVALS = load({ test: 20, ci: 60, deep: 200 });

const picture = { filename: 'me.png', sizeBytes: PNG.byteLength, contentType: 'image/png', ...FOR };
const sha256 = (bytes: Uint8Array): { readonly algorithm: 'sha256'; readonly base64: string } => ({
  algorithm: 'sha256',
  base64: createHash('sha256').update(bytes).digest('base64'),
});

/** Sends everything that somebody who has the URL might try. What it is answered does not matter. */
async function replayed(world: World, claim: UploadClaim, look: () => Promise<void>): Promise<void> {
  const held = Buffer.from(`FieldFile holds this name for the upload of claim ${'0'.repeat(32)}.\n`);
  for (const bytes of [PNG, OTHER, held, Buffer.alloc(0)])
    for (const headers of [{}, { 'content-encoding': 'gzip' }, { 'if-match': '*' }]) {
      await world.upload(claim, bytes, headers).catch(() => 0);
      await look();
    }
  for (const method of ['DELETE', 'POST', 'PATCH', 'GET']) {
    const { url, headers } = claim.upload;
    const body = method === 'GET' ? {} : { body: OTHER };
    const response = await world.place
      .fetch(new Request(url, { method, headers, ...body }))
      .catch(() => undefined);
    await response?.body?.cancel();
    await look();
  }
}

describe.each(Object.entries(places))('on %s', (where, makePlace) => {
  test('a client uploads a file straight to the storage, and a row gets it once it was verified', async () => {
    await using world = await openWorld(makePlace, PICTURES);
    const claim = await world.file.claim({ ...picture, digest: sha256(PNG) });
    expect(claim.upload.method).toBe('PUT');
    expect(await world.upload(claim, PNG)).toBeLessThan(300);
    const row = await world.insert(1, await world.file.redeem(claim.token, FOR));
    expect(row).toMatchObject({ size: PNG.byteLength, digest: `sha256-${sha256(PNG).base64}` });
    const stored = await world.table.get({ id: 1 });
    expect(await world.file.of(stored ?? row).stored?.bytes()).toEqual(new Uint8Array(PNG));
    expect(row.file).toMatch(/^scans\/me(_\w+)?\.png$/);
    await expect(world.file.redeem(claim.token, FOR)).rejects.toMatchObject({ code: 'intent-lost' });
  });

  test('no URL that was given out changes or brings back the file once it was redeemed', async () => {
    await using world = await openWorld(makePlace, PICTURES);
    const claim = await world.file.claim({ ...picture, expiresInSeconds: 2, keepSeconds: 3 });
    await world.upload(claim, PNG);
    const row = await world.insert(1, await world.file.redeem(claim.token, FOR));
    const name = row.file ?? '';
    await replayed(world, claim, async () => {
      expect(await world.file.of(row).stored?.bytes()).toEqual(new Uint8Array(PNG));
    });
    await world.file.of(row).delete();
    await replayed(world, claim, async () => {
      expect(await world.place.storage.exists(name)).toBe(false);
    });
    await world.place.storage.save(name, 'another');
    await replayed(world, claim, async () => {
      expect((await world.place.storage.info(name)).sizeBytes).toBe(7);
    });
    await expect(world.file.redeem(claim.token, FOR)).rejects.toMatchObject({ code: 'intent-lost' });
    await world.recoverAll();
    expect(await world.place.everything()).toEqual([name]);
  });

  test('what a client says that its upload is saved as is refused, or not kept', async () => {
    await using world = await openWorld(makePlace, PICTURES);
    const claim = await world.file.claim(picture);
    const headers = { 'content-disposition': SAVED, 'x-ms-blob-content-disposition': SAVED };
    await world.upload(claim, PNG, headers);
    const redeemed = await world.file.redeem(claim.token, FOR).catch(error => error);
    if (isFieldFileError(redeemed)) return expect(redeemed.code).toMatch(/^(integrity|not-found)$/);
    const { file } = await world.insert(1, redeemed);
    expect((await world.place.storage.info(file ?? '')).contentDisposition).toBeUndefined();
  });

  test('what is not what was claimed is refused, and nothing of it is left', async () => {
    await using world = await openWorld(makePlace, PICTURES);
    const lies: readonly (readonly [string, UploadClaim, Buffer<ArrayBuffer>, Record<string, string>?])[] = [
      ['html', await world.file.claim(picture), Buffer.from('<html>'.padEnd(PNG.byteLength))],
      ['digest', await world.file.claim({ ...picture, digest: sha256(OTHER) }), PNG],
      [
        'encoded',
        await world.file.claim(picture),
        PNG,
        { 'content-encoding': 'gzip', 'x-ms-blob-content-encoding': 'gzip' },
      ],
      ['type', await world.file.claim(picture), PNG, { 'content-type': 'text/html' }],
    ];
    for (const [what, claim, bytes, headers] of lies) {
      const status = await world.upload(claim, bytes, headers);
      const refusal = await world.file.redeem(claim.token, FOR).then(
        () => 'taken',
        error => (isFieldFileError(error) ? error.code : String(error)),
      );
      const expected = status < 300 ? /^(not-accepted|integrity)$/ : /^not-found$/;
      expect(refusal, `${what} was answered ${status}`).toMatch(expected);
      if (status < 300) await expect(world.file.redeem(claim.token, FOR)).rejects.toThrow();
    }
    const [first] = lies;
    expect(first && (await world.file.redeem(first[1].token, FOR).catch(error => error.code))).toBe(
      'intent-lost',
    );
    const left = await world.place.everything();
    const waiting = (await world.journal.entries()).map(({ name }) => name);
    for (const name of left.filter(one => one.startsWith('scans/'))) expect(waiting).toContain(name);
    expect(left).not.toContain('scans/me.png'); // the first one, refused
  });

  test('a file of another length is not taken', async () => {
    await using world = await openWorld(makePlace);
    for (const bytes of [PNG.subarray(1), Buffer.concat([PNG, PNG]), Buffer.alloc(0)]) {
      const claim = await world.file.claim(picture);
      await world.upload(claim, bytes).catch(() => 0);
      const refusal = await world.file.redeem(claim.token, FOR).catch(error => error.code);
      expect(refusal).toMatch(/^(not-found|integrity)$/);
    }
  });

  test('what nobody redeems ends by the journal, and nothing is listed', async () => {
    await using world = await openWorld(makePlace);
    const brief = { ...picture, expiresInSeconds: 3, keepSeconds: 3 };
    const claims = await Promise.all(Array.from({ length: 6 }, () => world.file.claim(brief)));
    await Promise.all(claims.slice(0, 3).map(claim => world.upload(claim, PNG)));
    const [, , redeemed, empty] = claims;
    if (redeemed) await world.file.redeem(redeemed.token, FOR); // and assigned to no row
    if (empty)
      await expect(world.file.redeem(empty.token, FOR)).rejects.toMatchObject({
        code: 'not-found',
        retryable: true,
      });
    await recover(world.journal);
    expect((await world.journal.entries()).length).toBe(6);
    await world.recoverAll();
    expect(await world.place.everything()).toEqual([]);
    for (const claim of claims) {
      await world.upload(claim, PNG).catch(() => 0);
      await expect(world.file.redeem(claim.token, FOR)).rejects.toMatchObject({ code: 'intent-lost' });
    }
    expect(await world.place.everything()).toEqual([]);
  });

  test('of many redemptions of one token at once one row is made', async () => {
    await using world = await openWorld(makePlace, PICTURES);
    const claim = await world.file.claim(picture);
    await world.upload(claim, PNG);
    const racing = Array.from({ length: where === 'memory' ? 200 : RIVALS }, async (_, index) => {
      const file = await world.file.redeem(claim.token, FOR);
      await world.insert(index + 1, file);
      return index + 1;
    });
    const outcomes = await Promise.allSettled(racing);
    const made = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(made.length).toBe(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'intent-lost' });
    const rows = await Promise.all(
      outcomes.map((_, index) => world.table.get({ id: index + 1 }).catch(() => undefined)),
    );
    const [row] = rows.filter(one => one !== undefined);
    expect(rows.filter(one => one !== undefined).length).toBe(1);
    expect(row && (await world.file.of(row).stored?.bytes())).toEqual(new Uint8Array(PNG));
  });
});
