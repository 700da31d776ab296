import { contentTypeOf } from '@fieldfile/storage/backend';
import { expect, test } from 'vitest';
import { agree, isScriptable, mayBe } from './media-type.ts';

const typeOf = (extension: string): string => contentTypeOf(`a.${extension}`) ?? 'none';

test.each([
  ['jsonl', 'text/plain'],
  ['jsonl', 'application/x-ndjson'],
  ['ndjson', 'application/ndjson'],
  ['ipynb', 'application/json'],
  ['map', 'text/plain'],
  ['webmanifest', 'application/json'],
  ['geojson', 'application/json'],
  ['m3u8', 'application/x-mpegURL'.toLowerCase()],
  ['m3u8', 'text/plain'],
  ['stl', 'application/sla'],
  ['sql', 'text/plain'],
])('what clients call a .%s agrees with it: %s', (extension, declared) => {
  expect(agree(typeOf(extension), declared)).toBe(true);
});

test.each(['apk', 'jar', 'kmz', 'pages', '3mf', 'usdz', 'vsdx', 'xlsb', 'xlsm'])(
  'a .%s is a zip',
  extension => {
    expect(mayBe(typeOf(extension), 'application/zip')).toBe(true);
  },
);

test('neither script nor archive passes for what it is not', () => {
  expect(agree(typeOf('cjs'), 'text/plain')).toBe(false);
  expect(mayBe(typeOf('m3u8'), 'application/zip')).toBe(false);
  for (const extension of ['cjs', 'mjs', 'eml', 'kml', 'gpx', 'ttml', 'mpd'])
    expect([extension, isScriptable(typeOf(extension))]).toEqual([extension, true]);
});
