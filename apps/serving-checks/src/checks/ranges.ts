import { equal, match, ok } from 'node:assert/strict';
import { type Check, checks } from '../check.ts';
import { ask } from '../site.ts';
import { arePartsOf, bin, isPart, isUnsatisfiable, isWhole, partsOf, range } from './expect.ts';

/** RFC 9110 section 14. */
export const ranges: readonly Check[] = checks('standard', {
  '*the first ten bytes': async site => isPart(await range(site, 'bytes=0-9'), 0, 9),
  '*the last five bytes': async site => isPart(await range(site, 'bytes=-5'), 995, 999),
  '*a suffix longer than the file gives all of it': async site =>
    isPart(await range(site, 'bytes=-5000'), 0, 999),
  '*the last zero bytes are 416': async site => isUnsatisfiable(await range(site, 'bytes=-0')),
  '*an end beyond the file is that of the file': async site => {
    isPart(await range(site, 'bytes=990-5000'), 990, 999);
    isPart(await range(site, 'bytes=990-99999999999999999999'), 990, 999);
  },
  '*a start beyond the file is 416': async site => isUnsatisfiable(await range(site, 'bytes=1000-')),
  'a start beyond all numbers is 416': async site =>
    isUnsatisfiable(await range(site, 'bytes=99999999999999999999-99999999999999999999')),
  'from a byte on': async site => isPart(await range(site, 'bytes=500-'), 500, 999),
  'one byte, the first and the last': async site => {
    isPart(await range(site, 'bytes=0-0'), 0, 0);
    isPart(await range(site, 'bytes=999-999'), 999, 999);
    isPart(await range(site, 'bytes=-1'), 999, 999);
  },
  'all of it as a range': async site => isPart(await range(site, 'bytes=0-'), 0, 999),
  'leading zeros': async site => isPart(await range(site, 'bytes=0000-00009'), 0, 9),
  '*a malformed range is ignored': async site => {
    for (const value of [
      'bytes=abc',
      'bytes=',
      'bytes',
      'bytes=-',
      'bytes=1',
      'bytes=0-9-',
      'bytes=--5',
      'bytes=0x1-2',
    ])
      isWhole(await range(site, value));
  },
  'one malformed among several makes all ignored': async site => {
    isWhole(await range(site, 'bytes=0-9,abc'));
    isWhole(await range(site, 'bytes=0-9,20-10'));
  },
  '*a reversed range is ignored': async site => isWhole(await range(site, 'bytes=9-0')),
  '*an unknown unit is ignored': async site => isWhole(await range(site, 'seconds=0-9')),
  '*the unit is known in any case': async site => isPart(await range(site, 'Bytes=0-9'), 0, 9),
  '*two ranges are multipart/byteranges': async site =>
    arePartsOf(await range(site, 'bytes=0-9,20-29'), [
      [0, 9],
      [20, 29],
    ]),
  'parts have the type of the file': async site => {
    const whole = await bin(site, {});
    for (const { head } of partsOf(await range(site, 'bytes=0-9,20-29')))
      match(head, new RegExp(`content-type: ${whole.headers['content-type']?.toLowerCase()}`));
  },
  'parts come in the order of the request, suffixes too': async site =>
    arePartsOf(await range(site, 'bytes=-10, 500-509 ,0-9'), [
      [990, 999],
      [500, 509],
      [0, 9],
    ]),
  'empty elements between commas are nothing': async site =>
    arePartsOf(await range(site, 'bytes=,0-9,,20-29,'), [
      [0, 9],
      [20, 29],
    ]),
  'of several, those that are not there are left out': async site => {
    isPart(await range(site, 'bytes=0-9,5000-6000'), 0, 9);
    isPart(await range(site, 'bytes=-0,0-9'), 0, 9);
    isUnsatisfiable(await range(site, 'bytes=1000-,2000-2001'));
  },
  'overlapping ranges send no byte twice': async site => {
    const { status, body } = await range(site, 'bytes=0-499,100-599,200-699');
    ok(status === 200 || status === 206);
    ok(body.byteLength <= 1100, `${body.byteLength} bytes`);
  },
  '*1,000 tiny ranges are not amplified': async site => {
    const many = Array.from({ length: 500 }, (_, index) => `${index * 2}-${index * 2}`).join(',');
    for (const value of [`bytes=${many}`, `bytes=${Array(1000).fill('0-').join(',')}`]) {
      const { status, body } = await range(site, value);
      ok([200, 206, 416].includes(status));
      ok(body.byteLength <= 2000, `${body.byteLength} bytes`);
    }
  },
  '*HEAD ignores Range': async site => {
    const { status, headers } = await bin(site, { range: 'bytes=0-9' }, 'HEAD');
    equal(status, 200);
    equal(headers['content-length'], '1000');
    equal(headers['content-range'], undefined);
  },
  '*a range of an empty file is 416 or 200': async site => {
    const { status, headers } = await ask(site, '/empty.bin', { headers: { range: 'bytes=0-' } });
    if (status === 416) equal(headers['content-range'], 'bytes */0');
    else equal(status, 200);
  },
  'the last bytes of an empty file are all of it': async site =>
    equal((await ask(site, '/empty.bin', { headers: { range: 'bytes=-5' } })).status, 200),
  '206 has the ETag, the date and the type of 200': async site => {
    const [whole, part] = [await bin(site, {}), await range(site, 'bytes=0-9')];
    for (const name of ['etag', 'last-modified', 'content-type', 'cache-control'])
      equal(part.headers[name], whole.headers[name], name);
  },
});
