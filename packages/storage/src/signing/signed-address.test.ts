import { describe, expect, test } from 'vitest';
import type { ObjectName } from '../names/object-name.ts';
import { addressOf, type SignedRequest, signedAddress, verifySignedAddress } from './signed-address.ts';
import { signingKeys } from './token.ts';

const SECRET = 'correct horse battery staple, at length';
const OLDER = 'an older secret that is still verified!';
const keys = signingKeys([SECRET, OLDER], 'The test');
const baseUrl = 'https://media.example.com/files/';
const request: SignedRequest = { method: 'GET', name: 'a b/ü?.png' as ObjectName, expiresAt: 1000 };

function sign(signed: SignedRequest = request, key = SECRET, base = baseUrl): string {
  return signedAddress(base, signed, new TextEncoder().encode(key));
}

const verify = (address: string | URL | URLSearchParams, method = 'GET', now = 999): SignedRequest =>
  verifySignedAddress(address, method, { baseUrl, keys, now });

describe('signed URLs', () => {
  test('say what was signed', () => {
    const upload: SignedRequest = {
      method: 'PUT',
      name: 'a.png' as ObjectName,
      expiresAt: 1000,
      contentType: 'image/png',
      exactBytes: 10,
      maxBytes: 20,
      noOverwrite: true,
    };
    expect(verify(sign(upload), 'PUT')).toEqual(upload);
    expect(verify(new URL(sign()))).toEqual(request);
    expect(verify(new URL(sign()).searchParams)).toEqual(request);
    expect(verify(sign(), 'HEAD')).toEqual(request);
  });

  test('are none where there is no URL at all', () => {
    for (const address of ['//[', 'http://[', 'http://a:port/', '', '?'])
      expect(() => verify(address)).toThrow(expect.objectContaining({ code: 'permission' }));
  });

  test('are verified by every key, and signed by the first', () => {
    expect(verify(sign(request, OLDER))).toEqual(request);
  });

  test('are good however clients and proxies encode the path of their object', () => {
    const token = new URL(sign()).search;
    for (const path of ['a%20b/%c3%bc%3f.png', 'a b/ü%3F.png', '%61%20b%2Fü%3f%2Epng'])
      expect(verify(`${baseUrl}${path}${token}`)).toEqual(request);
    for (const path of [
      'a%2520b/ü%3F.png',
      'a+b/ü%3F.png',
      'a%20b/ü%3F.png/',
      'a%20b/u%CC%88%3F.png',
      '%',
      '%ff',
    ])
      expect(() => verify(`${baseUrl}${path}${token}`), path).toThrow('another object');
    expect(() => verify(`https://media.example.com/other/a%20b/ü%3F.png${token}`)).toThrow('another object');
    expect(() => verify('//[')).toThrow(expect.objectContaining({ code: 'permission' }));
  });

  test.each<[string, () => unknown]>([
    ['no token', () => verify(`${baseUrl}a.png`)],
    ['an empty token', () => verify(`${baseUrl}a.png?fieldfile=`)],
    ['a token of the wrong shape', () => verify(`${baseUrl}a.png?fieldfile=e30.e30.e30`)],
    ['a payload that is not the signed one', () => verify(sign().replace('fieldfile=e', 'fieldfile=f'))],
    ['a third key', () => verify(sign(request, 'a secret nobody here has ever heard of'))],
    ['another method', () => verify(sign(), 'PUT')],
    ['a method nobody signs', () => verify(sign(), 'DELETE')],
    ['the second it expires', () => verify(sign(), 'GET', 1000)],
    [
      'another storage with the same secret',
      () => verify(sign(request, SECRET, 'https://media.example.com/private/')),
    ],
    ['the path of another object', () => verify(sign().replace('.png', '.gif'))],
  ])('refuse %s', (_, act) => {
    expect(act).toThrow(expect.objectContaining({ code: 'permission' }));
  });

  test('refuse every change of one character', () => {
    const url = sign();
    const start = url.indexOf('fieldfile=') + 'fieldfile='.length;
    for (let index = start; index < url.length; index++) {
      const changed = `${url.slice(0, index)}${url[index] === 'A' ? 'B' : 'A'}${url.slice(index + 1)}`;
      expect(() => verify(changed)).toThrow();
    }
  });
});

describe('addresses', () => {
  const cases: readonly (readonly [string, string])[] = [
    ["~!*()'@#$%^&*abc`+ =.file", "~!*()'%40%23%24%25%5E%26*abc%60%2B%20%3D.file"],
    ['a b/c?d.png', 'a%20b/c%3Fd.png'],
    ['100%.txt', '100%25.txt'],
    ['%2e%2e/x', '%252e%252e/x'],
    ['a\\b', 'a%5Cb'],
    ['größe 🎉', 'gr%C3%B6%C3%9Fe%20%F0%9F%8E%89'],
  ];
  test.each(cases)('django 4.4/55 test_file_url: %j', (name, path) => {
    expect(addressOf(baseUrl, name as ObjectName)).toBe(baseUrl + path);
    expect(new URL(addressOf(baseUrl, name as ObjectName)).pathname).toBe(`/files/${path}`);
  });
});
