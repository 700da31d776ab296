import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineFiles, type FieldOptions, isFieldFileError, model, type UploadClaim } from '@fieldfile/core';
import { recover } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import { beginUpload, openUpload } from '@fieldfile/core/resumable';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import type { SignedUpload, SignedUploadOptions, WriteId } from '@fieldfile/storage';
import { expect, onTestFinished, test, vi } from 'vitest';

interface Row {
  id: number;
  file: string | null;
}

const KEY = 'the key of these claims, 32 bytes or more';
const URLS = { baseUrl: 'http://localhost/media/', signingKey: 'a secret of at least thirty-two bytes' };
const FOR = { for: 'user 7' };
const given = { filename: 'a.txt', sizeBytes: 5, ...FOR };

function fieldOf(options: FieldOptions<Row> = {}, name = 'row', storage = new MemoryStorage(URLS)) {
  const folder = mkdtempSync(join(tmpdir(), 'fieldfile-claims-'));
  const journal = new SqliteJournal(join(folder, 'journal'));
  onTestFinished(() => {
    journal.close();
    rmSync(folder, { recursive: true });
  });
  const table = new MemoryTable<Row>({ key: ['id'], files: ['file'], journal });
  const declared: FieldOptions<Row> = { storage, claims: { signingKey: KEY }, ...options };
  const { file } = defineFiles(model<Row>()(name, 'id'), { file: declared }, table.binding);
  /** What a server of the storage does with the request that the client makes. */
  const send = async ({ upload }: UploadClaim, body: string): Promise<void> => {
    const { name, replaces } = storage.backend.verifyToken(upload.url, upload.method);
    const { version, writeId } = replaces ?? {};
    if (version && writeId) await storage.replace(name, body, { ifMatch: version, writeId, settles: false });
  };
  return { storage, journal, table, file, send };
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'taken',
    error => (isFieldFileError(error) ? error.code : String(error)),
  );

test('a token that was altered anywhere is refused', async () => {
  const { file, send } = fieldOf();
  const claim = await file.claim(given);
  await send(claim, 'hello');
  const { token } = claim;
  const altered = new Set<string>();
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === 'A' ? 'B' : 'A';
    altered.add(token.slice(0, at) + other + token.slice(at + 1));
    altered.add(token.slice(0, at) + token.slice(at + 1));
  }
  const [payload = '', signature = ''] = token.split('.');
  const content = JSON.parse(Buffer.from(payload, 'base64url').toString());
  for (const change of [{ name: 'b.txt' }, { sizeBytes: 6 }, { untilMs: 1e15 }, { contentType: 'text/html' }])
    altered.add(
      `${Buffer.from(JSON.stringify({ ...content, ...change })).toString('base64url')}.${signature}`,
    );
  for (const text of ['', '.', payload, `${token}.`, `${token}.x`, ` ${token}`, `${token}=`, signature])
    altered.add(text);
  altered.delete(token);
  expect(altered.size).toBeGreaterThan(100);
  const codes = new Set(await Promise.all([...altered].map(text => codeOf(file.redeem(text, FOR)))));
  expect([...codes]).toEqual(['permission']);
  for (const text of [undefined, null, 7, {}, [token]])
    expect(await codeOf(file.redeem(text as string, FOR))).toBe('permission');
  expect(await codeOf(file.redeem(token, FOR))).toBe('taken');
});

test('a token is good for its field and its user alone, and while a key of its time is known', async () => {
  const { file, send, storage, table } = fieldOf();
  const claim = await file.claim(given);
  await send(claim, 'hello');
  expect(await codeOf(file.redeem(claim.token, { for: 'user 70' }))).toBe('permission');
  expect(await codeOf(file.redeem(claim.token, { for: 'user' }))).toBe('permission');
  expect(await codeOf(fieldOf({}, 'other').file.redeem(claim.token, FOR))).toBe('permission');
  const sameTable = (signingKey: readonly string[]) =>
    defineFiles(model<Row>()('row', 'id'), { file: { storage, claims: { signingKey } } }, table.binding).file;
  expect(await codeOf(sameTable(['another key of 32 bytes or more, too']).redeem(claim.token, FOR))).toBe(
    'permission',
  );
  const rotated = sameTable(['another key of 32 bytes or more, too', KEY]);
  expect(await codeOf(rotated.redeem(claim.token, FOR))).toBe('taken');
});

test('a claim that recovery has ended while it was made is not given out, and nothing of it stays', async () => {
  let isEnded = false;
  const storage = new MemoryStorage(URLS);
  Object.defineProperty(storage, 'signedUpload', {
    async value(name: string, options: SignedUploadOptions) {
      isEnded = await journal.withdraw(options.replaces?.writeId.replace(/-upload$/, '') as WriteId);
      return MemoryStorage.prototype.signedUpload.call(storage, name, options);
    },
  });
  const { file, journal } = fieldOf({ storage });
  expect(await codeOf(file.claim(given))).toBe('intent-lost');
  expect(isEnded).toBe(true);
  expect(await Array.fromAsync(storage.list())).toEqual([]);
  expect(await journal.entries()).toEqual([]);
});

test('a token tells no id of a storage, and is good for its storage, under a former id, too', async () => {
  const before = fieldOf({ storage: new MemoryStorage({ id: 'srv/media', ...URLS }) });
  const { token } = await before.file.claim(given);
  expect(Buffer.from(token, 'base64url').toString('latin1')).not.toContain('srv/media');
  const moved = fieldOf({ storage: new MemoryStorage({ id: 'moved', formerIds: ['srv/media'], ...URLS }) });
  expect(await codeOf(moved.file.redeem(token, FOR))).toBe('intent-lost');
  const other = fieldOf({ storage: new MemoryStorage({ id: 'other', ...URLS }) });
  expect(await codeOf(other.file.redeem(token, FOR))).toBe('permission');
});

test('a claim is of the storage that it was made on, whichever the field has meanwhile', async () => {
  const storage = new MemoryStorage({ id: 'one', ...URLS });
  const other = new MemoryStorage({ id: 'two', ...URLS });
  let current = storage;
  const { file, journal, send } = fieldOf({ storage: () => current }, 'row', storage);
  const meanwhile = (makes: (...given: Parameters<typeof storage.signedUpload>) => Promise<SignedUpload>) =>
    Object.defineProperty(storage, 'signedUpload', {
      configurable: true,
      value(...given: Parameters<typeof storage.signedUpload>) {
        current = other;
        return makes(...given);
      },
    });
  meanwhile((...given) => MemoryStorage.prototype.signedUpload.apply(storage, given));
  const claim = await file.claim(given);
  current = storage;
  await send(claim, 'hello');
  const { staged } = await file.redeem(claim.token, FOR);
  meanwhile(() => Promise.reject(new Error('no')));
  await expect(file.claim(given)).rejects.toThrow('no');
  expect(await Array.fromAsync(storage.list(), ({ name }) => String(name))).toEqual([staged.name]);
  expect((await journal.entries()).map(({ name }) => name)).toEqual([staged.name]);
});

test('a type that the browser does not know is that of the name', async () => {
  const { file, storage, send } = fieldOf();
  const claim = await file.claim({ ...given, contentType: '' }); // as a browser's `File` has it
  expect(claim.upload.headers['content-type']).toBe('text/plain');
  await send(claim, 'hello');
  const { staged } = await file.redeem(claim.token, FOR);
  expect(staged.contentType).toBe('text/plain');
  expect(await storage.exists(staged.name)).toBe(true);
});

test('a digest that is not as digests are written is refused before a byte comes', async () => {
  const { file, storage } = fieldOf();
  const digests = { sha256: 32, md5: 16, crc32: 4, crc32c: 4 } as const;
  for (const [algorithm, bytes] of Object.entries(digests) as [keyof typeof digests, number][]) {
    const base64 = Buffer.alloc(bytes, 'a').toString('base64');
    const claim = (text: string) => file.claim({ ...given, digest: { algorithm, base64: text } });
    const spare = base64.replace(/.(?==)/, letter => String.fromCharCode(letter.charCodeAt(0) + 1));
    const urlSafe = Buffer.alloc(bytes, 0xff).toString('base64').replaceAll('/', '_');
    for (const text of [base64.replace(/=+$/, ''), spare, urlSafe, `${base64}=`, ` ${base64}`])
      expect(await codeOf(claim(text)), `${algorithm} ${text}`).toBe('invalid-argument');
    expect(await codeOf(claim(base64))).toBe('taken');
  }
  expect(await Array.fromAsync(storage.list())).toHaveLength(4);
});

test('what the field does not take is not claimed, and no name is held for it', async () => {
  const { file, storage, journal } = fieldOf({ accept: ['image/png'], maxSizeBytes: 10 });
  const png = { ...given, filename: 'a.png' };
  for (const [claim, code] of [
    [given, 'not-accepted'],
    [{ ...png, contentType: 'text/html' }, 'not-accepted'],
    [{ ...png, filename: 'a.svg', contentType: 'image/svg+xml' }, 'not-accepted'],
    [{ ...png, sizeBytes: 11 }, 'too-large'],
    [{ ...png, sizeBytes: -1 }, 'invalid-argument'],
    [{ ...png, sizeBytes: 1.5 }, 'invalid-argument'],
    [{ ...png, filename: '..' }, 'suspicious-name'],
    [{ ...png, for: '' }, 'invalid-argument'],
    [{ ...png, expiresInSeconds: 0 }, 'invalid-argument'],
    [{ ...png, keepSeconds: 1 }, 'invalid-argument'],
    [{ ...png, digest: { algorithm: 'sha1', base64: 'AA==' } }, 'invalid-argument'],
    [{ ...png, digest: { algorithm: 'md5', base64: 'no base64\r\n' } }, 'invalid-argument'],
    [{ ...png, unknown: 1 }, 'invalid-argument'],
  ] as const)
    expect(await codeOf(file.claim(claim as typeof png)), JSON.stringify(claim)).toBe(code);
  expect((await storage.listdir()).files).toEqual([]);
  expect(await journal.entries()).toEqual([]);
});

test('without a key, a journal, or a storage that signs, nothing can be claimed', async () => {
  const { table, storage } = fieldOf();
  const declare = (field: FieldOptions<Row>, binding?: typeof table.binding) =>
    defineFiles(model<Row>()('bare', 'id'), { file: field }, binding as typeof table.binding).file;
  const claims = { signingKey: KEY };
  expect(await codeOf(declare({ storage }, table.binding).claim(given))).toBe('unsupported');
  expect(await codeOf(declare({ storage, claims }).claim(given))).toBe('unsupported');
  const plain = new MemoryStorage();
  expect(await codeOf(declare({ storage: plain, claims }, table.binding).claim(given))).toBe('unsupported');
  expect((await plain.listdir()).files).toEqual([]);
  expect(await codeOf(declare({ storage, claims, uploadTo: () => 'a' }, table.binding).claim(given))).toBe(
    'unsupported',
  );
  expect(() => declare({ storage, claims: { signingKey: 'short' } })).toThrow(/32 bytes/);
});

test('an inspector sees what was uploaded when it is redeemed, and what fails to look refuses nothing', async () => {
  let verdict: () => Promise<string | undefined> = async () => 'it has a virus.';
  const { file, send, storage } = fieldOf({
    inspect: async content => {
      for await (const _ of content);
      return verdict();
    },
  });
  const bad = await file.claim(given);
  await send(bad, 'hello');
  expect(await codeOf(file.redeem(bad.token, FOR))).toBe('not-accepted');
  expect((await storage.listdir()).files).toEqual([]);
  const claim = await file.claim(given);
  await send(claim, 'hello');
  verdict = async () => {
    throw new Error('the scanner is down');
  };
  expect(await codeOf(file.redeem(claim.token, FOR))).toBe('not-inspected');
  verdict = async () => undefined;
  const staged = await file.redeem(claim.token, FOR);
  await staged.undo();
  expect((await storage.listdir()).files).toEqual([]);
});

test('a claim that is kept for ever keeps nobody from reading the journal', async () => {
  const { file, journal } = fieldOf();
  for (const keepSeconds of [1e15, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE])
    await file.claim({ ...given, keepSeconds });
  expect((await journal.entries()).map(({ setAside }) => setAside)).toEqual([false, false, false]);
  expect(await recover(journal)).toMatchObject({ undone: 0 });
});

test('a redeemed file can be handed to another process as a staged one', async () => {
  const { file, send, table } = fieldOf();
  const claim = await file.claim(given);
  await send(claim, 'hello');
  const { staged } = await file.redeem(claim.token, FOR);
  const row: Row = { id: 1, file: null };
  file.set(row, file.restage(JSON.parse(JSON.stringify(staged))));
  await table.insert(row);
  expect(await file.of(row).stored?.text()).toBe('hello');
  expect(await codeOf(file.redeem(claim.token, FOR))).toBe('intent-lost');
});

test('before a row can have what came in pieces, what its parts may have left is removed', async () => {
  const { file, storage } = fieldOf();
  const settled: unknown[] = [];
  let failure: Error | undefined = new Error('the service is away');
  Object.assign(storage.backend.parts, {
    async settle(name: string, writeId: string) {
      if (failure) throw failure;
      settled.push([name, writeId]);
    },
  });
  const { upload, write, token } = await beginUpload(file, { ...given, keepSeconds: 60 });
  const part = await upload.parts.writePart(write, { number: 1, offset: 0 }, 'hello');
  await upload.parts.complete(write, [part]);
  await expect(file.redeem(token, FOR)).rejects.toBe(failure);
  failure = undefined;
  expect(await codeOf(file.redeem(token, FOR))).toBe('taken');
  expect(settled).toEqual([[write.name, write.writeId]]);
});

test('an upload whose time is over is lost to who goes on with it as to who redeems it, in the same words', async () => {
  const { file } = fieldOf();
  const { upload, token } = await beginUpload(file, { ...given, keepSeconds: 0.01 });
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThanOrEqual(upload.untilMs));
  const message = 'The claim of row.file was redeemed before, or refused, or its time is over: claim again.';
  const lost = { code: 'intent-lost', message, applied: false };
  expect(() => openUpload(file, token, FOR.for)).toThrow(expect.objectContaining(lost));
  await expect(file.redeem(token, FOR)).rejects.toMatchObject(lost);
});
