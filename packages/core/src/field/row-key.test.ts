import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkedKey, describeKey, isJsonKey, jsonKey } from './row-key.ts';

const check = (key: unknown, columns?: readonly string[]) => checkedKey('user.avatar', 'byKey', key, columns);

test.each([
  ['no object', 5],
  ['null', null],
  ['a list', [1]],
  ['no column', {}],
  ['a column too few', { id: 1 }],
  ['a column too many', { id: 1, line: 2, name: 'x' }],
  ['another column', { id: 1, other: 2 }],
  ['an inherited column', Object.create({ id: 1, line: 2 })],
  ['a condition', { id: { gt: 0 }, line: 1 }],
  ['a list of values', { id: [1, 2], line: 1 }],
  ['null as a value', { id: null, line: 1 }],
  ['undefined', { id: undefined, line: 1 }],
  ['a truth value', { id: true, line: 1 }],
  ['NaN', { id: Number.NaN, line: 1 }],
  ['no date', { id: new Date(Number.NaN), line: 1 }],
  ['a function', { id: () => 1, line: 1 }],
  ['a text that is no bigint', { id: { bigint: '1; DROP' }, line: 1 }],
  ['two forms at once', { id: { bigint: '1', date: '2020-01-01' }, line: 1 }],
  ['an object of a class', { id: new Map(), line: 1 }],
])('%s is no key', (_, key) => {
  expect(() => check(key, ['id', 'line'])).toThrow(
    expect.objectContaining({
      code: 'invalid-argument',
      field: 'user.avatar',
      message: expect.stringMatching(/id, line/),
    }),
  );
});

test('a key is put in the order of its columns', () => {
  expect(Object.entries(check({ line: 2, id: 1 }, ['id', 'line']))).toEqual([
    ['id', 1],
    ['line', 2],
  ]);
});

test('where its columns are not known, a key still has single values', () => {
  expect(check({ id: 'a' })).toEqual({ id: 'a' });
  expect(() => check({ id: { contains: 'a' } })).toThrow(/no key/);
});

test('every key survives JSON', () => {
  const value = fc.oneof(
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(number => number + 0 || 0),
    fc.bigInt(),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array(),
  );
  fc.assert(
    fc.property(value, one => {
      const key = { id: one };
      expect(check(JSON.parse(JSON.stringify(jsonKey(key))), ['id'])).toEqual(key);
    }),
  );
});

test('what JSON carries anyhow is left as it is', () => {
  expect([{ id: 1 }, { id: 'a' }, { id: 1n }, { id: new Date(0) }].map(isJsonKey)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('a key in a message is one line', () => {
  expect(describeKey({ id: 1n })).toBe('{"id":"1n"}');
  expect(describeKey({ id: 'x'.repeat(500) }).length).toBeLessThan(210);
  expect(describeKey(undefined)).toBe('undefined');
});
