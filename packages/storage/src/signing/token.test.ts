import { describe, expect, test } from 'vitest';
import { openToken, sealToken, signingKeys, type TokenScope } from './token.ts';

const [key = new Uint8Array()] = signingKeys('correct horse battery staple, at length', 'The test');
const [other = new Uint8Array()] = signingKeys('an older secret that is still verified!', 'The test');
const scope: TokenScope = { purpose: 'test/1', audience: ['memory:1'] };

describe('tokens', () => {
  test('say what was sealed, to whoever has the key and the scope', () => {
    const token = sealToken({ name: 'a/ü.png' }, scope, key);
    expect(token).toMatch(/^[\w-]+\.[\w-]{43}$/);
    expect(openToken(token, [scope], [other, key])).toEqual({ content: { name: 'a/ü.png' } });
    expect(openToken(token, [scope], [other])).toBeUndefined();
    expect(openToken(token, [scope], [])).toBeUndefined();
    expect(openToken(token, [], [key])).toBeUndefined();
    for (const elsewhere of [
      { ...scope, purpose: 'test/2' },
      { ...scope, audience: ['memory:2'] },
      { ...scope, audience: ['memory:1', ''] },
    ])
      expect(openToken(token, [elsewhere], [key])).toBeUndefined();
  });

  test('have one text only: another spelling of the same bytes is no token', () => {
    const token = sealToken('x', scope, key);
    const spellings = [
      `${token}=`,
      `${token} `,
      `${token}.`,
      `.${token}`,
      token.replace('.', '=.'),
      `${token}\n`,
    ];
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (const last of alphabet) if (!token.endsWith(last)) spellings.push(token.slice(0, -1) + last);
    for (const spelling of spellings) expect(openToken(spelling, [scope], [key]), spelling).toBeUndefined();
  });

  test.each(['', '.', 'a', 'a.b', '..', 'a.b.c', '\0.\0', 'ü.ü', '.'.repeat(1000)])('are none: %j', text => {
    expect(openToken(text, [scope], [key])).toBeUndefined();
  });
});
