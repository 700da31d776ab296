import { describe, expect, test } from 'vitest';
import { requireSameOrigin } from './same-origin.ts';

const APP = 'https://app.example.com';

const sent = (headers: Record<string, string>, url = `${APP}/upload`): Request =>
  new Request(url, { method: 'POST', headers });

describe('what is sent', () => {
  test.each<[string, Record<string, string>]>([
    ['by no browser', {}],
    ['by a page of the same origin', { 'sec-fetch-site': 'same-origin', origin: APP }],
    ['by the user', { 'sec-fetch-site': 'none' }],
    [
      'by a page behind a proxy that the server does not know of',
      { 'sec-fetch-site': 'same-origin', origin: 'https://public.example' },
    ],
    ['by an older browser', { origin: APP }],
    ['by an older browser, over a proxy that ends HTTPS', { origin: 'http://app.example.com' }],
    [
      'by a page of an origin that is allowed',
      { 'sec-fetch-site': 'cross-site', origin: 'https://friend.example' },
    ],
    ['by an older browser from an origin that is allowed', { origin: 'https://friend.example' }],
  ])('%s is taken', (_, headers) => {
    requireSameOrigin(sent(headers), ['https://friend.example']);
  });

  test.each<[string, Record<string, string>]>([
    ['by another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['by another site that hides its origin', { 'sec-fetch-site': 'cross-site' }],
    ['by another site that says it is none', { 'sec-fetch-site': 'cross-site', origin: APP }],
    ['by a page of the same site', { 'sec-fetch-site': 'same-site', origin: 'https://evil.example.com' }],
    ['with a word that there is not', { 'sec-fetch-site': 'somewhere' }],
    ['by an older browser from another origin', { origin: 'https://evil.example' }],
    ['by an older browser from a name that begins alike', { origin: `${APP}.evil.example` }],
    ['by an older browser from another port', { origin: `${APP}:8443` }],
    ['by a sandbox', { origin: 'null' }],
    ['with an origin that is none', { origin: 'evil' }],
    ['by what only looks allowed', { origin: 'https://friend.example.evil.example' }],
  ])('%s is refused', (_, headers) => {
    const refused = () => requireSameOrigin(sent(headers), ['https://friend.example']);
    expect(refused).toThrow(expect.objectContaining({ code: 'cross-origin' }));
  });

  test('to an address that the server does not know, is known by Host', () => {
    const request = sent({ host: 'app.example.com', origin: APP }, 'http://localhost:3000/upload');
    requireSameOrigin(request, []);
    expect(() => requireSameOrigin(sent({ origin: APP }, 'http://localhost:3000/'), [])).toThrow();
  });

  test('by any origin is taken where all are allowed', () => {
    requireSameOrigin(sent({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }), '*');
  });
});
