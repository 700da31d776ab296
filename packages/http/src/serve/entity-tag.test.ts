import { describe, expect, test } from 'vitest';
import { entityTagOf, entityTagText, matchesStrongly, matchesWeakly, parseEntityTags } from './entity-tag.ts';

describe('the tag of a version', () => {
  test.each<[string, string | undefined]>([
    ['1', '"1"'],
    ['"abc"', '"abc"'],
    ['W/"abc"', 'W/"abc"'],
    ['0x8D"quoted"', '"0x8D%22quoted%22"'],
    ['a b\r\nx: y', '"a%20b%0D%0Ax:%20y"'],
    ['größe \ud800', '"gr%C3%B6%C3%9Fe%20%EF%BF%BD"'],
    ['', undefined],
    ['""', undefined],
  ])('%j is %j', (version, text) => {
    const tag = entityTagOf(version);
    expect(tag && entityTagText(tag)).toBe(text);
  });
});

describe('a list of tags', () => {
  const texts = (header: string): unknown => {
    const tags = parseEntityTags(header);
    return tags === '*' ? tags : tags.map(entityTagText);
  };

  test.each<[string, unknown]>([
    ['*', '*'],
    [' * ', '*'],
    ['"a"', ['"a"']],
    ['"a","b"', ['"a"', '"b"']],
    [' "a" ,\t W/"b" , ', ['"a"', 'W/"b"']],
    ['"a,b", "c"', ['"a,b"', '"c"']],
    ['""', ['""']],
    ['"*"', ['"*"']],
    ['*, "a"', ['"a"']],
    ['a, "b"', ['"b"']],
    ['w/"a"', []],
    ['"a" "b"', []],
    ['"a', []],
    ['', []],
    [',,,', []],
  ])('%j', (header, expected) => expect(texts(header)).toEqual(expected));

  test('takes no longer than its length', () => {
    for (const unit of ['"a', '" ', ' ', 'W/"', ',', '"a,'])
      expect(Array.isArray(parseEntityTags(unit.repeat(100_000)))).toBe(true);
  });
});

test('weak tags never match strongly', () => {
  const [weak, strong] = [
    { isWeak: true, opaque: 'a' },
    { isWeak: false, opaque: 'a' },
  ];
  expect([
    matchesStrongly(strong, strong),
    matchesStrongly(weak, weak),
    matchesStrongly(strong, weak),
  ]).toEqual([true, false, false]);
  expect([matchesWeakly(weak, strong), matchesWeakly(strong, weak), matchesWeakly(undefined, weak)]).toEqual([
    true,
    true,
    false,
  ]);
});
