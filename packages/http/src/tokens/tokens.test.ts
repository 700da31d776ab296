import { MemoryStorage } from '@fieldfile/memory';
import { isFieldFileError } from '@fieldfile/storage';
import { load } from '@fieldfile/test-servers/load';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alteredTokens } from '../../test/altered-tokens.ts';
import { type TokenRequest, Tokens } from './tokens.ts';

const SECRET = 'correct horse battery staple, at length';
const OLDER = 'an older secret that is still verified!';
const ALTERED = load({ test: 10_000, ci: 100_000, deep: 100_000 });

const request: TokenRequest = {
  purpose: 'form',
  method: 'POST',
  storage: 'memory:1',
  name: 'a b/ü?.png',
  expiresInSeconds: 60,
  data: { sizeBytes: 10, contentType: 'image/png', user: null },
};
const expected = { purpose: 'form', method: 'POST', storages: ['memory:1'] };

let now = new Date('2026-01-01T00:00:00Z');
const tokens = new Tokens({ secrets: [SECRET, OLDER], clock: () => now });

const refused = (why: string | RegExp) =>
  expect.objectContaining({ code: 'permission', message: expect.stringMatching(why) });

describe('a token', () => {
  test('says what was signed, in characters that a URL takes as they are', () => {
    const token = tokens.sign(request);
    expect(token).toMatch(/^[\w.-]+$/);
    expect(encodeURIComponent(token)).toBe(token);
    const expiresAt = now.getTime() / 1000 + 60;
    expect(tokens.verify(token, expected)).toEqual({ name: request.name, expiresAt, data: request.data });
    expect(tokens.verify(token, { ...expected, name: request.name }).expiresAt).toBe(expiresAt);
    const { data: _, ...bare } = request;
    expect(tokens.verify(tokens.sign(bare), expected).data).toEqual({});
  });

  test('is verified by every secret, and signed by the first', () => {
    const older = new Tokens({ secrets: OLDER, clock: () => now });
    expect(tokens.verify(older.sign(request), expected).name).toBe(request.name);
    expect(() => older.verify(tokens.sign(request), expected)).toThrow(refused('not genuine'));
  });

  test('is for one purpose, method, storage and name', () => {
    const token = tokens.sign(request);
    const others = [
      { ...expected, purpose: 'link' },
      { ...expected, purpose: 'form/2' },
      { ...expected, method: 'GET' },
      { ...expected, method: 'HEAD' },
      { ...expected, storages: [] },
      { ...expected, storages: ['memory:2'] },
      { purpose: 'form', method: 'POST' },
      { ...expected, name: 'a b/ü?.gif' },
    ];
    for (const other of others) expect(() => tokens.verify(token, other)).toThrow(refused(/^The token is /));
    const former = { ...expected, storages: ['elsewhere', 'memory:1'] };
    expect(tokens.verify(token, former).name).toBe(request.name);
    const reading = tokens.sign({ ...request, method: 'GET' });
    for (const method of ['GET', 'HEAD']) tokens.verify(reading, { ...expected, method });
  });

  test('ends at its second, or never', () => {
    const start = now;
    const token = tokens.sign(request);
    const lasting = tokens.sign({ ...request, expiresInSeconds: null });
    now = new Date(start.getTime() + 59_999);
    expect(tokens.verify(token, expected).name).toBe(request.name);
    now = new Date(start.getTime() + 60_000);
    expect(() => tokens.verify(token, expected)).toThrow(refused('has expired'));
    now = new Date('9000-01-01');
    expect(tokens.verify(lasting, expected).expiresAt).toBeNull();
    now = start;
  });

  test('stays the same within a step, so that what it is part of can be cached', () => {
    const stepped = { ...request, expiryStepSeconds: 3600 };
    const start = now;
    const token = tokens.sign(stepped);
    now = new Date(start.getTime() + 60_000);
    expect(tokens.sign(stepped)).toBe(token);
    expect((tokens.verify(token, expected).expiresAt ?? 1) % 3600).toBe(0);
    now = start;
  });

  test('is none where a URL of a storage was signed with the same secret, and the other way round', async () => {
    const storage = new MemoryStorage({ baseUrl: '/m/', signingKey: SECRET, clock: () => now });
    const url = new URL(await storage.signedUrl('a', { expiresInSeconds: 60 }), 'http://localhost');
    const signed = url.searchParams.get('fieldfile') ?? '';
    const reading = { purpose: 'fs/url', method: 'GET', storages: [storage.id] };
    expect(() => tokens.verify(signed, reading)).toThrow(refused('not genuine'));
    url.searchParams.set('fieldfile', tokens.sign({ ...request, method: 'GET', storage: storage.id }));
    expect(() => storage.backend.verifyToken(url, 'GET')).toThrow(refused('wrong signature'));
  });

  test(`does not pass when it is altered, ${ALTERED} times`, () => {
    const signed = [request, { ...request, expiresInSeconds: null }, { ...request, name: '' }].map(one =>
      tokens.sign(one),
    );
    let passed = 0;
    for (const altered of alteredTokens(signed, ALTERED))
      try {
        tokens.verify(altered, expected);
        passed++;
      } catch (error) {
        if (!isFieldFileError(error, 'permission')) throw error;
      }
    expect(passed).toBe(0);
  });

  test('does not pass when it is any other text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(() => tokens.verify(text, expected)).toThrow(refused('not genuine'));
      }),
    );
    for (const value of [undefined, null, 1, {}, ['a.b']])
      expect(() => tokens.verify(value as never, expected)).toThrow(refused('not genuine'));
  });

  test('says whatever text was signed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (name, storage) => {
        const token = tokens.sign({ ...request, name, storage });
        expect(tokens.verify(token, { ...expected, storages: [storage], name }).name).toBe(name);
      }),
    );
  });
});

describe('tokens refuse', () => {
  test.each<[string, unknown]>([
    ['no secret', undefined],
    ['an empty list', []],
    ['a short secret', 'short'],
    ['a short secret beside a good one', [SECRET, 'short']],
  ])('%s, without showing it', (_, secrets) => {
    expect(() => new Tokens({ secrets: secrets as string })).toThrow(
      expect.objectContaining({ code: 'invalid-argument', message: expect.not.stringContaining('"short"') }),
    );
  });

  test.each<[string, unknown]>([
    ['purpose', 'a b'],
    ['purpose', ''],
    ['purpose', 'a\nb'],
    ['name', undefined],
    ['method', null],
    ['expiresInSeconds', 0],
    ['expiresInSeconds', 1.5],
    ['expiresInSeconds', undefined],
    ['expiresInSeconds', Number.NaN],
    ['expiryStepSeconds', 0],
    ['expires', 60],
  ])('%s %j', (option, value) => {
    expect(() => tokens.sign({ ...request, [option]: value })).toThrow(
      expect.objectContaining({ code: 'invalid-argument', message: expect.stringContaining(option) }),
    );
  });
});
