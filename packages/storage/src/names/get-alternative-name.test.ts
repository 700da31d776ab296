import { expect, test } from 'vitest';
import { getAlternativeName } from './get-alternative-name.ts';

test('puts seven letters or digits between root and extension', () => {
  expect(getAlternativeName('a', '.tar.gz')).toMatch(/^a_[a-zA-Z0-9]{7}\.tar\.gz$/);
  expect(getAlternativeName('a', '')).toMatch(/^a_[a-zA-Z0-9]{7}$/);
});

test('uses the whole alphabet and does not repeat itself', () => {
  const suffixes = Array.from({ length: 2_000 }, () => getAlternativeName('', '').slice(1));
  expect(new Set(suffixes).size).toBe(2_000);
  // One letter missing from 14,000 draws: 62 × (61/62)^14000, below 1e-97.
  expect(new Set(suffixes.join('')).size).toBe(62);
});
