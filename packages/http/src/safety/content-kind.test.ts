import { describe, expect, test } from 'vitest';
import { contentKind, isDocument, isPagePart } from './content-kind.ts';
import { mediaType } from './media-type.ts';

describe('what a browser makes of a type', () => {
  test.each<[string, string]>([
    ['image/png', 'image'],
    ['IMAGE/PNG; a=b', 'image'],
    ['image/svg+xml', 'other'],
    ['image/anything', 'other'],
    ['image/x+xml', 'other'],
    ['audio/mpeg', 'media'],
    ['video/mp4; codecs="avc1.42E01E, mp4a.40.2"', 'media'],
    ['video/x+xml', 'other'],
    ['audio/svg+XML', 'other'],
    ['text/plain', 'text'],
    ['text/html', 'other'],
    ['text/plain, text/html', 'other'],
    ['text/html;text/plain', 'other'],
    ['text/plain\r\nx: y', 'other'],
    ['image/png"', 'other'],
    ['image', 'other'],
    ['', 'other'],
    ['application/pdf', 'pdf'],
  ])('%j is %s', (type, kind) => expect(contentKind(mediaType(type).essence)).toBe(kind));
});

test.each(['text/html', 'application/xhtml+xml', 'image/svg+xml', 'text/xml', 'application/xml', 'text/xsl'])(
  '%s is a document',
  essence => expect(isDocument(essence)).toBe(true),
);

test.each([
  'text/javascript',
  'application/javascript',
  'application/x-javascript',
  'text/ecmascript',
  'application/x-ecmascript',
  'text/jscript',
  'text/livescript',
  'text/javascript1.5',
  'text/css',
])('%s would be a part of a page', essence => expect(isPagePart(essence)).toBe(true));

test('parameters are kept where they are well formed', () => {
  expect(mediaType('Text/Plain; charset="utf-8";').text).toBe('Text/Plain; charset="utf-8"');
  expect(mediaType('text/plain; charset=').text).toBe('application/octet-stream');
});
