import { expect, test } from 'vitest';
import { isMistakenFor } from './mistaken-for.ts';

const SAME = [
  '.fieldfile',
  '.FieldFile',
  '.FIELDFILE',
  '.fieldfile.',
  '.fieldfile ',
  '.fieldfile . .',
  '.fieldfile::$DATA',
  '.fieldfile::$INDEX_ALLOCATION',
  '.fieldfile:stream',
  '.fieldfile .:x',
  'FIELDF~1',
  'fieldf~2',
  'FIELDF~12',
  'FIELDF~1.',
  'FIELD~10',
  'FI9A3C~1',
  '.field\u200cfile',
  '\ufeff.fieldfile',
  '.\ufb01eld\ufb01le',
  '.fıeldfile',
  '.\uff46ieldfile',
];

const OTHER = [
  '',
  '.',
  'fieldfile',
  '..fieldfile',
  '.fieldfiles',
  '.fieldfile.txt',
  ' .fieldfile',
  '.field-file',
  'fieldf',
  'FIELDF~x',
  '~1',
  'a~1',
  'field~notes',
  'x:.fieldfile',
  'größe',
];

test('every way in which a system may call the folder is known', () => {
  for (const segment of SAME)
    expect([segment, isMistakenFor(segment, '.fieldfile')]).toEqual([segment, true]);
  for (const segment of OTHER)
    expect([segment, isMistakenFor(segment, '.fieldfile')]).toEqual([segment, false]);
});
