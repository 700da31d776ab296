import { expect, test } from 'vitest';
import { PageTokens } from './page-tokens.ts';

const tokens = (): PageTokens => new PageTokens({ operation: 'list', storage: 'memory' });

test('hands on every token of a listing that ends, and none after the last', () => {
  const listing = tokens();
  for (let page = 0; page < 1000; page++) expect(listing.next(`page ${page}`)).toBe(`page ${page}`);
  expect(listing.next(undefined)).toBe(undefined);
  expect(tokens().next('')).toBe(undefined);
});

test.each([1, 2, 3, 7, 50])('notices a circle of %i pages, however long the way into it', length => {
  for (const lead of [0, 1, 5, 100]) {
    const listing = tokens();
    const go = (): void => {
      for (let page = 0; page < 1000; page++)
        listing.next(page < lead ? `lead ${page}` : `circle ${(page - lead) % length}`);
    };
    expect(go).toThrow(expect.objectContaining({ code: 'backend', retryable: false }));
  }
});
