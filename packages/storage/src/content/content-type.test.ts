import { expect, test } from 'vitest';
import { contentTypeOf } from './content-type.ts';

test.each([
  ['site.tar.gz', 'application/gzip'],
  ['site.tgz', 'application/gzip'],
  ['live/index.m3u8', 'application/vnd.apple.mpegurl'],
  ['subtitles.vtt', 'text/vtt'],
  ['app.webmanifest', 'application/manifest+json'],
  ['photo.HEIF', 'image/heif'],
  ['photo.jfif', 'image/jpeg'],
  ['film.avi', 'video/vnd.avi'],
  ['film.mkv', 'video/matroska'],
  ['log.jsonl', 'application/jsonl'],
  ['app.js.map', 'application/json'],
  ['module.cjs', 'text/javascript'],
  ['module.mjs', 'text/javascript'],
  ['voice.opus', 'audio/ogg'],
  ['app.apk', 'application/vnd.android.package-archive'],
  ['notes.ipynb', 'application/x-ipynb+json'],
  ['table.parquet', 'application/vnd.apache.parquet'],
  ['mail.eml', 'message/rfc822'],
  ['model.glb', 'model/gltf-binary'],
  ['Makefile', undefined],
  ['a.', undefined],
  ['a.constructor', undefined],
  ['a.__proto__', undefined],
  ['a.toString', undefined],
  ['page.xhtml', undefined],
])('the type of %s is %s', (name, type) => {
  expect(contentTypeOf(name)).toBe(type);
});
