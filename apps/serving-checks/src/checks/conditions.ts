import { equal, notEqual, ok } from 'node:assert/strict';
import { type Check, checks } from '../check.ts';
import { type Answer, ask, type Site } from '../site.ts';
import { BIN, bin, isPart, isUnsatisfiable, isWhole, range } from './expect.ts';

const DAY = 86_400_000;

/** What the file says of itself. */
async function validators(
  site: Site,
): Promise<{ readonly etag: string; readonly strong: string; readonly date: string }> {
  const { headers } = await ask(site, BIN);
  const { etag = '"none"', 'last-modified': date = 'Thu, 01 Jan 1970 00:00:00 GMT' } = headers;
  return { etag, strong: etag.replace(/^W\//, ''), date };
}

const shifted = (date: string, milliseconds: number): string =>
  new Date(Date.parse(date) + milliseconds).toUTCString();

function isUnchanged({ status, body }: Answer): void {
  equal(status, 304);
  equal(body.byteLength, 0);
}

const isFailed = ({ status }: Answer): void => equal(status, 412);

/** RFC 9110 section 13. */
export const conditions: readonly Check[] = checks('standard', {
  'If-None-Match with the tag is 304': async site => {
    const { etag } = await validators(site);
    isUnchanged(await bin(site, { 'if-none-match': etag }));
  },
  '*If-None-Match compares weakly': async site => {
    const { strong } = await validators(site);
    isUnchanged(await bin(site, { 'if-none-match': `W/${strong}` }));
  },
  '*If-None-Match takes lists': async site => {
    const { etag } = await validators(site);
    isUnchanged(await bin(site, { 'if-none-match': `"a", ${etag}, "b"` }));
    isUnchanged(await bin(site, { 'if-none-match': `"a",${etag}` }));
  },
  '*If-None-Match takes tags with commas inside': async site => {
    const { etag } = await validators(site);
    isUnchanged(await bin(site, { 'if-none-match': `"a,b", ${etag}` }));
    isWhole(await bin(site, { 'if-none-match': `"x,${etag.replaceAll('"', '')},y"` }));
  },
  '*If-None-Match takes *': async site => isUnchanged(await bin(site, { 'if-none-match': '*' })),
  'If-None-Match with other tags is 200': async site =>
    isWhole(await bin(site, { 'if-none-match': '"a", W/"b"' })),
  'If-None-Match that is no tag is 200': async site => {
    const { strong } = await validators(site);
    isWhole(await bin(site, { 'if-none-match': strong.replaceAll('"', '') }));
  },
  '*304 keeps the ETag and has no type': async site => {
    const { etag } = await validators(site);
    const { headers } = await bin(site, { 'if-none-match': etag });
    equal(headers.etag, etag);
    equal(headers['content-type'], undefined);
  },
  '304 keeps Cache-Control': async site => {
    const { headers } = await bin(site, {});
    const { etag = '' } = headers;
    equal((await bin(site, { 'if-none-match': etag })).headers['cache-control'], headers['cache-control']);
  },
  'HEAD is 304 as GET is': async site => {
    const { etag } = await validators(site);
    isUnchanged(await bin(site, { 'if-none-match': etag }, 'HEAD'));
  },
  '*If-None-Match goes before If-Modified-Since': async site => {
    const { date } = await validators(site);
    isWhole(await bin(site, { 'if-none-match': '"other"', 'if-modified-since': shifted(date, DAY) }));
  },
  '*If-Modified-Since': async site => {
    const { date } = await validators(site);
    isUnchanged(await bin(site, { 'if-modified-since': date }));
    isUnchanged(await bin(site, { 'if-modified-since': shifted(date, 1000) }));
    isWhole(await bin(site, { 'if-modified-since': shifted(date, -1000) }));
  },
  'If-Modified-Since in the two old forms': async site => {
    const { date } = await validators(site);
    const [, day = '', month = '', year = '', time = ''] =
      /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(date) ?? [];
    const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
    const weekday = days[new Date(date).getUTCDay()] ?? '';
    const rfc850 = `${weekday}, ${day}-${month}-${year.slice(2)} ${time} GMT`;
    const asctime = `${weekday.slice(0, 3)} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`;
    for (const form of [rfc850, asctime]) isUnchanged(await bin(site, { 'if-modified-since': form }));
  },
  '*a date that is none is ignored': async site => {
    for (const date of ['yesterday', '1', '2099', '', 'Mon, 99 Foo 2099 00:00:00 GMT']) {
      isWhole(await bin(site, { 'if-modified-since': date }));
      isWhole(await bin(site, { 'if-unmodified-since': date }));
    }
  },
  '*If-Match with another tag is 412': async site => isFailed(await bin(site, { 'if-match': '"other"' })),
  'If-Match with the tag, in a list, or with * goes on': async site => {
    const { etag } = await validators(site);
    for (const tags of [etag, `"a", ${etag}`, '*']) isWhole(await bin(site, { 'if-match': tags }));
  },
  'If-Match compares strongly': async site => {
    const { strong } = await validators(site);
    isFailed(await bin(site, { 'if-match': `W/${strong}` }));
  },
  '*If-Unmodified-Since an older date is 412': async site => {
    const { date } = await validators(site);
    isFailed(await bin(site, { 'if-unmodified-since': shifted(date, -1000) }));
    isWhole(await bin(site, { 'if-unmodified-since': date }));
  },
  'If-Match goes before If-Unmodified-Since': async site => {
    const { etag, date } = await validators(site);
    isWhole(await bin(site, { 'if-match': etag, 'if-unmodified-since': shifted(date, -DAY) }));
  },
  'If-Match goes before If-None-Match': async site => {
    const { etag } = await validators(site);
    isFailed(await bin(site, { 'if-match': '"other"', 'if-none-match': etag }));
    isUnchanged(await bin(site, { 'if-match': etag, 'if-none-match': etag }));
  },
  '412 and 304 go before a range that is not there': async site => {
    const { etag } = await validators(site);
    isFailed(await range(site, 'bytes=5000-', { 'if-match': '"other"' }));
    isUnchanged(await range(site, 'bytes=5000-', { 'if-none-match': etag }));
  },
  '*If-Range with another tag gives all of it': async site =>
    isWhole(await range(site, 'bytes=0-9', { 'if-range': '"other"' })),
  'If-Range with the tag gives the part': async site => {
    const { strong } = await validators(site);
    isPart(await range(site, 'bytes=0-9', { 'if-range': strong }), 0, 9);
  },
  '*If-Range never takes a weak tag': async site => {
    const { strong } = await validators(site);
    isWhole(await range(site, 'bytes=0-9', { 'if-range': `W/${strong}` }));
  },
  '*If-Range with the exact date gives the part': async site => {
    const { date } = await validators(site);
    isPart(await range(site, 'bytes=0-9', { 'if-range': date }), 0, 9);
  },
  '*If-Range with a later date gives all of it': async site => {
    const { date } = await validators(site);
    isWhole(await range(site, 'bytes=0-9', { 'if-range': shifted(date, 1000) }));
    isWhole(await range(site, 'bytes=0-9', { 'if-range': shifted(date, -1000) }));
  },
  'If-Range decides about a range that is not there, too': async site => {
    const { strong } = await validators(site);
    isWhole(await range(site, 'bytes=5000-', { 'if-range': '"other"' }));
    isUnsatisfiable(await range(site, 'bytes=5000-', { 'if-range': strong }));
  },
  'If-Range without a range is nothing': async site => isWhole(await bin(site, { 'if-range': '"other"' })),
  '*304 goes before a range': async site => {
    const { etag } = await validators(site);
    isUnchanged(await range(site, 'bytes=0-9', { 'if-none-match': etag }));
  },
  'a range goes on where If-Match holds': async site => {
    const { etag } = await validators(site);
    isPart(await range(site, 'bytes=0-9', { 'if-match': etag }), 0, 9);
    notEqual((await range(site, 'bytes=0-9,20-29', { 'if-match': etag })).status, 412);
  },
  'two files have two ETags': async site => {
    const [one, other] = [await ask(site, BIN), await ask(site, '/note.txt')];
    ok(one.headers.etag !== other.headers.etag);
  },
});
