import fc from 'fast-check';
import { expect, test } from 'vitest';
import { element, parseXml } from './xml.ts';

test('reads back any text it writes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const root = parseXml(element('Root', element('Key', text)).xml, 'Root');
      expect(root.value('Key')).toBe(text);
    }),
  );
});

test('reads declarations, comments, namespaces, character data and empty elements', () => {
  const root = parseXml(
    '<?xml version="1.0"?><!-- x --><s:Root xmlns:s="u"><A/><B><![CDATA[<&]]></B><B> b </B></s:Root>\n',
    'Root',
  );
  expect(root.value('A')).toBe('');
  expect(root.all('B').map(node => node.text)).toEqual(['<&', ' b ']);
});

test.each(['', '<Root>', '<Root></Other>', '<Other/>', '<Root>&unknown;</Root>', '<Root><'])(
  'refuses %j',
  source => {
    expect(() => parseXml(source, 'Root')).toThrow(expect.objectContaining({ code: 'MalformedXML' }));
  },
);
