import { MemoryStorage } from '@fieldfile/memory';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasNginx, nginxSite } from './servers/nginx.ts';
import { ours } from './servers/ours.ts';
import { type Answer, ask, type Site } from './site.ts';

/**
 * Requests, with ETAG and DATE standing for what the server says of the file; `range.t`, `range_if_range.t` and
 * `not_modified.t` of nginx's own tests are among them in meaning.
 */
const REQUESTS: readonly string[] = [
  'range: bytes=0-8',
  'range: bytes=-10',
  'range: bytes=10-',
  'range: bytes=0-0',
  'range: bytes=-2000',
  'range: bytes=-0',
  'range: bytes=999-',
  'range: bytes=1000-',
  'range: bytes=990-2000',
  'range: bytes=990-99999999999999999999',
  'range: bytes=99999999999999999999-',
  'range: bytes=9-0',
  'range: bytes=-',
  'range: bytes=a-b',
  'range: bytes=',
  'range: bytes=0-9,',
  'range: items=0-8',
  'range: BYTES=0-8',
  'range: bytes=0-8,20-28',
  'range: bytes=20-28, 0-8',
  'range: bytes=0-8,1000-',
  'range: bytes=1000-,2000-',
  'range: bytes=0-8,a-b',
  'range: bytes=0-9,5-14',
  'range: bytes=0-9,10-19',
  'range: bytes=0-,0-',
  'range: bytes=0-8,-10',
  'range: bytes=0-8; if-range: ETAG',
  'range: bytes=0-8; if-range: W/ETAG',
  'range: bytes=0-8; if-range: "other"',
  'range: bytes=0-8; if-range: DATE',
  'range: bytes=0-8; if-range: LATER',
  'range: bytes=0-8; if-range: EARLIER',
  'range: bytes=1000-; if-range: "other"',
  'if-none-match: ETAG',
  'if-none-match: W/ETAG',
  'if-none-match: "a", ETAG , "b"',
  'if-none-match: *',
  'if-none-match: "other"',
  'if-none-match: ETAG; if-modified-since: EARLIER',
  'if-none-match: "other"; if-modified-since: DATE',
  'if-modified-since: DATE',
  'if-modified-since: LATER',
  'if-modified-since: EARLIER',
  'if-modified-since: no date',
  'if-unmodified-since: DATE',
  'if-unmodified-since: LATER',
  'if-unmodified-since: EARLIER',
  'if-unmodified-since: no date',
  'if-match: ETAG',
  'if-match: W/ETAG',
  'if-match: "other"',
  'if-match: *',
  'if-match: ETAG; if-unmodified-since: EARLIER',
  'if-match: "other"; if-none-match: ETAG',
  'range: bytes=0-8; if-none-match: ETAG',
  'range: bytes=1000-; if-match: "other"',
  'range: bytes=0-8; if-match: ETAG',
];

interface Difference {
  readonly own: string;
  readonly nginx: string;
}

const IGNORED = { own: '200 all', nginx: '416' };

/** Where the two differ, with the reasons of RFC 9110. */
const DIFFERENCES: Readonly<Record<string, Difference>> = {
  // A malformed Range may be ignored or refused (14.2): a client that asks for nonsense is better off with the file.
  'range: bytes=9-0': IGNORED,
  'range: bytes=-': IGNORED,
  'range: bytes=a-b': IGNORED,
  'range: bytes=0-8,a-b': IGNORED,
  // An empty element of a list is nothing (5.6.1).
  'range: bytes=0-9,': { own: '206 0-9', nginx: '416' },
  // An end beyond the file is its end (14.1.2), however many digits it has.
  'range: bytes=990-99999999999999999999': { own: '206 990-999', nginx: '416' },
  // Ranges that overlap or touch may become one (15.3.7.2): no byte is sent twice.
  'range: bytes=0-9,5-14': { own: '206 0-14', nginx: '206 0-9, 5-14' },
  'range: bytes=0-9,10-19': { own: '206 0-19', nginx: '206 0-9, 10-19' },
  'range: bytes=0-,0-': { own: '206 0-999', nginx: '200 all' },
  // If-Modified-Since is ignored where there is If-None-Match (13.1.3), and If-Unmodified-Since beside If-Match (13.1.4).
  'if-none-match: ETAG; if-modified-since: EARLIER': { own: '304', nginx: '200 all' },
  'if-match: ETAG; if-unmodified-since: EARLIER': { own: '200 all', nginx: '412' },
  // What was not changed since an earlier time was not changed since a later one (13.1.3); nginx can be told so, too.
  'if-modified-since: LATER': { own: '304', nginx: '200 all' },
  // What is no date is ignored (13.1.4).
  'if-unmodified-since: no date': { own: '200 all', nginx: '412' },
};

/** Range is defined for GET alone (14.2). nginx takes it for HEAD as well, so there it is asked without. */
const withoutRange = (request: string): string =>
  request
    .split('; ')
    .filter(header => !/^(?:if-)?range:/.test(header))
    .join('; ');

const WHOLE_OR_PART = /^bytes (\d+-\d+)\/\d+$/;

/** Status, and which bytes came. */
function shape({ status, headers, body }: Answer): string {
  if (status !== 200 && status !== 206) return String(status);
  const single = WHOLE_OR_PART.exec(headers['content-range'] ?? '')?.[1];
  if (single) return `${status} ${single}`;
  const spans = Array.from(
    body.toString('latin1').matchAll(/content-range: bytes (\d+-\d+)\//gi),
    ([, span]) => span,
  );
  return spans.length > 0 ? `${status} ${spans.join(', ')}` : `${status} all`;
}

describe.runIf(await hasNginx())('beside nginx', () => {
  let own: Site;
  let nginx: Site;
  beforeAll(async () => {
    own = await ours(new MemoryStorage());
    nginx = await nginxSite();
  });
  afterAll(async () => {
    await own?.[Symbol.asyncDispose]();
    await nginx?.[Symbol.asyncDispose]();
  });

  async function answerOf(site: Site, request: string, method = 'GET'): Promise<string> {
    const { headers } = await ask(site, '/thousand.bin');
    const { etag = '', 'last-modified': date = '' } = headers;
    const shifted = (milliseconds: number): string => new Date(Date.parse(date) + milliseconds).toUTCString();
    const lines = request
      .replaceAll('ETAG', etag)
      .replaceAll('DATE', date)
      .replaceAll('LATER', shifted(60_000))
      .replaceAll('EARLIER', shifted(-60_000))
      .split('; ')
      .filter(line => line !== '')
      .map(line => line.split(': ') as [string, string]);
    return shape(await ask(site, '/thousand.bin', { method, headers: Object.fromEntries(lines) }));
  }

  test('every answer is the same but for those that are listed', async () => {
    const found: Record<string, Difference> = {};
    for (const request of REQUESTS) {
      const difference = { own: await answerOf(own, request), nginx: await answerOf(nginx, request) };
      if (difference.own !== difference.nginx) found[request] = difference;
    }
    expect(found).toEqual(DIFFERENCES);
  });

  test('so for HEAD, where nginx is asked for no range', async () => {
    for (const request of REQUESTS) {
      const asked = withoutRange(request);
      const expected = DIFFERENCES[asked]?.own ?? (await answerOf(nginx, asked, 'HEAD'));
      expect(await answerOf(own, request, 'HEAD'), request).toBe(expected);
    }
  });
});
