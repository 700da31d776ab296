import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineFiles, model } from '@fieldfile/core';
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { configure, isFieldFileError } from '@fieldfile/storage';
import { describe, expect, test } from 'vitest';
import type { LinkEvent } from '../src/links/link-event.ts';
import { LinkRefusedError } from '../src/links/link-refused.ts';
import { Links, type LinksOptions } from '../src/links/links.ts';
import { MemoryLinks } from '../src/links/memory-links.ts';
import { Tokens } from '../src/tokens/tokens.ts';
import { alteredTokens } from './altered-tokens.ts';

const SECRET = 'correct horse battery staple, at length';
const SOON = { expiresInSeconds: 60 };

interface UserRow {
  tenant: string;
  id: bigint;
  avatar: string | null;
}

async function fixture(options: Partial<LinksOptions> = {}) {
  const storage = new MemoryStorage();
  const table = new MemoryTable<UserRow>({ key: ['tenant', 'id'], files: ['avatar'] });
  const users = defineFiles(model<UserRow>()('user', 'tenant', 'id'), { avatar: { storage } }, table.binding);
  const key = { tenant: 'acme', id: 9_007_199_254_740_993n };
  await table.insert({ ...key, avatar: null });
  const avatar = await users.avatar.byKey(key);
  await avatar.save('hello', { name: 'a.txt' });
  let ahead = 0;
  const events: LinkEvent[] = [];
  const links = new Links({
    store: new MemoryLinks({ clock: () => new Date(Date.now() + ahead) }),
    tokens: new Tokens({ secrets: SECRET, clock: () => new Date(Date.now() + ahead) }),
    baseUrl: '/links/',
    fields: [users.avatar],
    onEvent: event => void events.push(event),
    ...options,
  });
  return {
    ...{ storage, table, users, key, avatar, links, events },
    later: (seconds: number) => {
      ahead += seconds * 1000;
    },
    read: async (token: string, session?: string) => {
      const { file } = await links.redeem(token, session === undefined ? {} : { session });
      await using opened = await file.storage.open(file.name);
      return await opened.text();
    },
  };
}

const refused = (reason: LinkRefusedError['reason']) =>
  expect.objectContaining({ name: 'LinkRefusedError', code: 'permission', reason });

describe('a link', () => {
  test('gives the file of a row, as often as it may be used', async () => {
    const { links, avatar, read, events } = await fixture();
    const given = await links.give(avatar, { ...SOON, uses: 2, for: 'ann@example.com' });
    expect(given.url).toBe(`/links/${given.token}`);
    expect(given).toMatchObject({
      uses: 0,
      maxUses: 2,
      for: 'ann@example.com',
      state: 'open',
      name: 'a.txt',
    });
    expect(await read(given.token)).toBe('hello');
    expect(await read(given.token)).toBe('hello');
    await expect(read(given.token)).rejects.toEqual(refused('used-up'));
    expect(events.map(({ type }) => type)).toEqual(['given', 'used', 'used', 'refused']);
    expect(await links.get(given.id)).toMatchObject({ uses: 2, state: 'used-up' });
  });

  test('of a session is used once, whatever else it is asked for', async () => {
    const { links, avatar, read, later } = await fixture({ sessionSeconds: 30 });
    const given = await links.give(avatar, { ...SOON, uses: 1 });
    const other = await links.give(avatar, { ...SOON, uses: 1 });
    const { session } = await links.redeem(given.token);
    for (let index = 0; index < 3; index++) expect(await read(given.token, session)).toBe('hello');
    expect((await links.get(given.id))?.uses).toBe(1);
    expect(await read(other.token, session)).toBe('hello');
    await expect(read(other.token, session)).rejects.toEqual(refused('used-up'));
    later(31);
    await expect(read(given.token, session)).rejects.toEqual(refused('used-up'));
  });

  test('taken back, expired or unknown gives nothing, not even to a session', async () => {
    const { links, avatar, read, later, events } = await fixture();
    const [back, expiring] = [await links.give(avatar, SOON), await links.give(avatar, SOON)];
    const sessions = [(await links.redeem(back.token)).session, (await links.redeem(expiring.token)).session];
    expect(await links.takeBack({ id: back.id })).toBe(1);
    expect(await links.takeBack({ id: back.id })).toBe(0);
    await expect(read(back.token, sessions[0])).rejects.toEqual(refused('taken-back'));
    later(60);
    await expect(read(expiring.token, sessions[1])).rejects.toEqual(refused('expired'));
    for (const token of ['', 'x', `${back.token}x`, sessions[0] ?? ''])
      await expect(read(token)).rejects.toEqual(refused('unknown'));
    expect(events.filter(({ type }) => type === 'taken-back')).toHaveLength(1);
    expect(events.at(-1)).toEqual({ type: 'refused', reason: 'unknown' });
  });

  test('is for the bytes it was given for', async () => {
    const { links, avatar, read } = await fixture();
    const given = await links.give(avatar, SOON);
    expect(await read(given.token)).toBe('hello');
    await avatar.stored?.replace('other');
    await expect(read(given.token)).rejects.toEqual(refused('file-changed'));
    const again = await links.give(avatar, SOON);
    expect(await read(again.token)).toBe('other');
    await avatar.save('a new one', { name: 'b.txt' });
    await expect(read(again.token)).rejects.toEqual(refused('file-changed'));
  });

  test('reads no bytes that came after it was opened', async () => {
    const { links, avatar } = await fixture();
    const given = await links.give(avatar, SOON);
    const { file } = await links.redeem(given.token);
    await avatar.stored?.replace('other');
    await expect(file.storage.open(file.name)).rejects.toMatchObject({ code: 'precondition' });
  });

  test('is for whatever file the row has, if so given', async () => {
    const { links, avatar, read } = await fixture();
    const given = await links.give(avatar, { ...SOON, file: 'current' });
    await avatar.stored?.replace('other');
    expect(await read(given.token)).toBe('other');
    await avatar.save('a new one', { name: 'b.txt' });
    expect(await read(given.token)).toBe('a new one');
    await avatar.delete();
    await expect(read(given.token)).rejects.toEqual(refused('file-gone'));
    await avatar.save('back', { name: 'c.txt' });
    expect(await read(given.token)).toBe('back');
  });

  test.each(['same', 'current'] as const)(
    'to the %s file ends with the row, and with the object',
    async file => {
      const { links, avatar, read, table, key, storage } = await fixture();
      const given = await links.give(avatar, { ...SOON, file });
      await storage.delete('a.txt');
      await expect(read(given.token)).rejects.toEqual(refused('file-gone'));
      await table.remove(key);
      await expect(read(given.token)).rejects.toEqual(refused('row-gone'));
      expect((await links.get(given.id))?.uses).toBe(0);
    },
  );

  test('to an object needs no row, and knows its storage by former ids', async () => {
    const store = new MemoryLinks();
    const root = mkdtempSync(join(tmpdir(), 'fieldfile-links-'));
    const storage = new FileSystemStorage({ root, id: 'old' });
    const { links } = await fixture({ fields: [], storages: [storage], store });
    await storage.save('x.txt', 'x');
    const given = await links.give({ storage, name: 'x.txt' }, SOON);
    const elsewhere = new MemoryStorage();
    await expect(links.give({ storage: elsewhere, name: 'x.txt' }, SOON)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('storages'),
    });
    await storage[Symbol.asyncDispose]();
    const renamed = new FileSystemStorage({ root, id: 'new', formerIds: ['old'] });
    const { read } = await fixture({ fields: [], storages: [renamed], store });
    expect(await read(given.token)).toBe('x');
    await renamed.replace('x.txt', 'y');
    await expect(read(given.token)).rejects.toEqual(refused('file-changed'));
    rmSync(root, { recursive: true });
  });

  test('is listed and taken back by row, object and person', async () => {
    const { links, avatar, storage } = await fixture();
    await storage.save('other.txt', 'x');
    const ids = [];
    for (const whom of ['ann', 'bob', 'ann']) ids.push((await links.give(avatar, { ...SOON, for: whom })).id);
    await links.give({ storage, name: 'other.txt' }, { ...SOON, for: 'ann' });
    const listed = async (filter: Parameters<Links['list']>[0]) => {
      const found = [];
      for await (const link of links.list(filter)) found.push(link.id);
      return found;
    };
    expect(await listed({ file: avatar })).toEqual(ids.reverse());
    expect(await listed({ file: { storage, name: 'a.txt' } })).toHaveLength(3);
    expect(await listed({ for: 'ann' })).toHaveLength(3);
    expect(await listed({ for: 'ann', file: avatar })).toHaveLength(2);
    expect(await links.takeBack({ for: 'ann', file: avatar })).toBe(2);
    expect(await listed({ open: true })).toHaveLength(2);
    expect(await links.takeBack({ open: true })).toBe(2);
    await expect(links.takeBack({})).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(await links.removeEnded({ olderThanSeconds: 0 })).toBe(4);
    expect(await listed({})).toEqual([]);
  });

  test('of 250 is listed page by page', async () => {
    const { links, avatar } = await fixture();
    for (let index = 0; index < 250; index++) await links.give(avatar, SOON);
    const found = new Set<string>();
    for await (const { id } of links.list()) found.add(id);
    expect(found.size).toBe(250);
  });

  test('altered is unknown', async () => {
    const { links, avatar } = await fixture();
    const given = [await links.give(avatar, SOON), await links.give(avatar, SOON)];
    let passed = 0;
    for (const altered of alteredTokens(
      given.map(({ token }) => token),
      2000,
    ))
      await links.open(altered).then(
        () => passed++,
        error => {
          if (!(error instanceof LinkRefusedError) || error.reason !== 'unknown') throw error;
        },
      );
    expect(passed).toBe(0);
  });

  test('is not to be had by who reads the store', async () => {
    const { links, avatar } = await fixture();
    const given = await links.give(avatar, SOON);
    const { token, url, ...kept } = given;
    expect(await links.get(given.id)).toEqual(kept);
    expect(JSON.stringify(kept)).not.toContain(token);
    expect(url).toContain(token);
    await expect(links.redeem(given.id)).rejects.toEqual(refused('unknown'));
  });

  test('does not hang on an audit that fails', async () => {
    const reported: unknown[] = [];
    configure({ onError: error => void reported.push(error) });
    const { links, avatar, read } = await fixture({
      onEvent: () => {
        throw new Error('the audit is full');
      },
    });
    const given = await links.give(avatar, SOON);
    expect(await read(given.token)).toBe('hello');
    expect(reported.map(String)).toEqual(['Error: the audit is full', 'Error: the audit is full']);
  });
});

describe('no link is given', () => {
  test.each<[string, Record<string, unknown>]>([
    ['expiresInSeconds', {}],
    ['expiresInSeconds', { expiresInSeconds: 0 }],
    ['expiresInSeconds', { expiresInSeconds: 1.5 }],
    ['expiresInSeconds', { expiresInSeconds: Number.POSITIVE_INFINITY }],
    ['uses', { ...SOON, uses: 0 }],
    ['uses', { ...SOON, uses: Number.NaN }],
    ['for', { ...SOON, for: '' }],
    ['for', { ...SOON, for: 'a\r\nb' }],
    ['for', { ...SOON, for: 'x'.repeat(256) }],
    ['download', { ...SOON, download: 'a\0b' }],
    ['file', { ...SOON, file: 'latest' }],
    ['disposition', { ...SOON, disposition: 'none' }],
    ['maxUses', { ...SOON, maxUses: 1 }],
  ])('with a wrong %s %j', async (option, options) => {
    const { links, avatar } = await fixture();
    await expect(links.give(avatar, options as never)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining(option),
    });
  });

  test('to what is not in the database', async () => {
    const { links, users, avatar, storage, table, key } = await fixture();
    const unsaved = users.avatar.of({ tenant: 'x', id: undefined as never, avatar: 'a.txt' });
    await expect(links.give(unsaved, SOON)).rejects.toMatchObject({ code: 'invalid-argument' });
    const row = await table.get(key);
    if (!row) throw new Error('no row');
    users.avatar.set(row, new File(['x'], 'new.txt'));
    await expect(links.give(users.avatar.of(row), SOON)).rejects.toMatchObject({ code: 'invalid-argument' });
    const forged = users.avatar.of({ ...key, avatar: 'another-users.txt' });
    await storage.save('another-users.txt', 'secret');
    await expect(links.give(forged, SOON)).rejects.toMatchObject({ code: 'conflict' });
    await avatar.delete();
    await expect(links.give(avatar, SOON)).rejects.toMatchObject({ code: 'no-file' });
    await table.remove(key);
    await expect(links.give(forged, SOON)).rejects.toMatchObject({ code: 'not-found' });
    await expect(links.give({ storage, name: 'absent' }, SOON)).rejects.toMatchObject({ code: 'not-found' });
    await expect(links.give({ storage, name: '../x' }, SOON)).rejects.toMatchObject({
      code: 'suspicious-name',
    });
  });

  test('to a field that the links were not told of, or that has no binding', async () => {
    const { avatar, storage } = await fixture();
    const others = await fixture({ fields: [] });
    await expect(others.links.give(avatar, SOON)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('user.avatar'),
    });
    const unbound = defineFiles(model<UserRow>()('plain', 'id'), { avatar: { storage } });
    const { links } = await fixture({ fields: [unbound.avatar] });
    const handle = unbound.avatar.of({ tenant: 'x', id: 1n, avatar: 'a.txt' });
    await expect(links.give(handle, SOON)).rejects.toMatchObject({ code: 'unsupported' });
  });

  test.each([
    '',
    'links/',
    '//evil.example/',
    '/a;b/',
    '/a?b',
    '/a b/',
    'javascript:alert(1)',
    'https://x/#',
  ])('with the base URL %j', async baseUrl => {
    const error = await fixture({ baseUrl }).catch(error => error);
    expect(isFieldFileError(error, 'invalid-argument')).toBe(true);
  });
});
