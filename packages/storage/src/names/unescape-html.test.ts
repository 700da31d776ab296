import { expect, test } from 'vitest';
import { unescapeHtml } from './unescape-html.ts';

test.each([
  ['&sol;&bsol;&period;', '/\\.'],
  ['&#47;&#x2F;&#X2f;', '///'],
  ['&#47&#x2Fa', '/\u02fa'],
  ['&amp;sol;', '&sol;'],
  ['&ampsol;', '&sol;'],
  ['&lt&GT;', '<>'],
  ['&#0;&#xD800;&#x110000;&#99999999999999999999;', '\ufffd\ufffd\ufffd\ufffd'],
  ['&#x1F389;', '🎉'],
  ['AT&T &eacute; &constructor; &sol', 'AT&T &eacute; &constructor; &sol'],
])('reads %j as %j', (text, expected) => {
  expect(unescapeHtml(text)).toBe(expected);
});
