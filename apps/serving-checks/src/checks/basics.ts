import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { type Check, checks } from '../check.ts';
import { FILES, THOUSAND } from '../files.ts';
import { ask } from '../site.ts';
import { isRefused } from './expect.ts';

const BIN = '/thousand.bin';

/** GET, HEAD, methods and names. */
export const basics: readonly Check[] = checks('standard', {
  '*GET gives the bytes, their length and Accept-Ranges': async site => {
    const { status, headers, body } = await ask(site, BIN);
    equal(status, 200);
    equal(headers['accept-ranges'], 'bytes');
    equal(headers['content-length'], '1000');
    ok(body.equals(THOUSAND));
  },
  '*HEAD has the headers of GET and no body': async site => {
    const [get, head] = [await ask(site, BIN), await ask(site, BIN, { method: 'HEAD' })];
    equal(head.status, 200);
    equal(head.body.byteLength, 0);
    const kept = ({ headers }: typeof get): unknown => ({
      ...headers,
      date: '',
      connection: '',
      'keep-alive': '',
    });
    deepEqual(kept(head), kept(get));
  },
  'an ETag and a Last-Modified that is no later than Date': async site => {
    const { headers } = await ask(site, BIN);
    match(headers.etag ?? '', /^(W\/)?"[\x21\x23-\x7e]*"$/);
    const lastModified = Date.parse(headers['last-modified'] ?? '');
    equal(new Date(lastModified).toUTCString(), headers['last-modified']);
    ok(lastModified <= Date.parse(headers.date ?? '') || lastModified <= Date.now());
  },
  'the ETag is a strong one': async site => match((await ask(site, BIN)).headers.etag ?? '', /^"/),
  'the ETag is the same again': async site =>
    equal((await ask(site, BIN)).headers.etag, (await ask(site, BIN)).headers.etag),
  '*an empty file is 200 with length 0': async site => {
    const { status, headers, body } = await ask(site, '/empty.bin');
    deepEqual([status, headers['content-length'], body.byteLength], [200, '0', 0]);
  },
  '*POST is refused': async site => isRefused(await ask(site, BIN, { method: 'POST' })),
  'a method that is refused is answered 405 with Allow': async site => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const { status, headers } = await ask(site, BIN, { method });
      equal(status, 405, method);
      match(headers.allow ?? '', /\bGET\b.*\bHEAD\b/);
    }
  },
  '*a path that leads out and one with NUL are refused': async site => {
    for (const path of [
      '/../files.ts',
      '/..%2f..%2fetc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/a%00.bin',
      '/thousand.bin%00',
    ])
      isRefused(await ask(site, path));
  },
  'what is not there is 404, with HEAD too, and has no body then': async site => {
    equal((await ask(site, '/missing.bin')).status, 404);
    const { status, body } = await ask(site, '/missing.bin', { method: 'HEAD' });
    deepEqual([status, body.byteLength], [404, 0]);
  },
  'a folder is no file': async site => isRefused(await ask(site, '/folder/')),
  'names with spaces, quotes, percent signs and letters of any script': async site => {
    for (const [name, content] of Object.entries(FILES)) {
      const { status, body } = await ask(site, `/${encodeURIComponent(name).replaceAll('%2F', '/')}`);
      equal(status, 200, name);
      ok(body.equals(content), name);
    }
  },
});
