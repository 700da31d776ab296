import type { Sent } from './exchange.ts';
import { BOUNDARY, file, form, part, request, text } from './form.ts';
import { LIMITS } from './site.ts';

/** A request that is refused: its documented status, and the code where the answer is ours. */
export interface Hostile {
  readonly title: string;
  readonly status: number;
  readonly code?: string;
  readonly sent: () => Iterable<Sent>;
}

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
const GIF_AND_HTML = 'GIF89a/*<script>alert(1)</script>*/=1';
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const HTML = '<!doctype html><script>alert(1)</script>';

const whole =
  (body: Buffer | string, options: Parameters<typeof request>[1] = {}) =>
  (): Iterable<Sent> => [request(body, options)];

const malformed = (title: string, sent: Hostile['sent']): Hostile => ({
  title,
  status: 400,
  code: 'malformed-request',
  sent,
});
const refused = (title: string, status: number, code: string, sent: Hostile['sent']): Hostile => ({
  title,
  status,
  code,
  sent,
});
/** Refused by Node's own parser of HTTP. */
const byNode = (title: string, sent: Hostile['sent']): Hostile => ({ title, status: 400, sent });

const notAccepted = (
  title: string,
  body: Buffer | string,
  options?: Parameters<typeof request>[1],
): Hostile => refused(title, 415, 'not-accepted', whole(body, options));

const paper = (...headers: readonly (Buffer | string)[]): Buffer => form(part('content', ...headers));
const DISPOSITION = 'Content-Disposition: form-data; name="paper"; filename="a.txt"';
const silent = (): Promise<never> => new Promise(() => {});

const boundaries: readonly Hostile[] = [
  malformed('a form without a boundary', whole(form(text('title', 'a')), { type: 'multipart/form-data' })),
  malformed('an empty boundary', whole(form(), { type: 'multipart/form-data; boundary=' })),
  malformed('an empty boundary in quotes', whole(form(), { type: 'multipart/form-data; boundary=""' })),
  malformed(
    'a boundary of 71 bytes',
    whole(form(), { type: `multipart/form-data; boundary=${'b'.repeat(71)}` }),
  ),
  malformed(
    'a boundary of 300 bytes',
    whole(form(), { type: `multipart/form-data; boundary=${'b'.repeat(300)}` }),
  ),
  malformed(
    'a boundary that ends with a space',
    whole(form(), { type: 'multipart/form-data; boundary="b "' }),
  ),
  malformed(
    'a boundary with characters that none has',
    whole(form(), { type: 'multipart/form-data; boundary="b<é>"' }),
  ),
  malformed(
    'two boundaries',
    whole(form(), { type: `multipart/form-data; boundary=${BOUNDARY}; boundary=other` }),
  ),
  malformed(
    'a body with another boundary',
    whole(form(file('paper', 'a.txt')), { type: 'multipart/form-data; boundary=other' }),
  ),
  malformed('an empty body', whole('')),
  malformed('a body that is no form', whole('nothing of the kind')),
  malformed('a form without its end', whole(form(file('paper', 'a.txt')).subarray(0, -6))),
  malformed('a form that ends in the middle of a file', whole(`--${BOUNDARY}\r\n${DISPOSITION}\r\n\r\ncont`)),
  malformed('a form that ends in the middle of headers', whole(`--${BOUNDARY}\r\nContent-Dispo`)),
  malformed('a form that ends after headers', whole(`--${BOUNDARY}\r\n${DISPOSITION}\r\n\r\n`)),
  malformed(
    'a boundary line that ends with a bare LF',
    whole(form(file('paper', 'a.txt')).toString().replaceAll('\r\n', '\n')),
  ),
  malformed(
    'a good file, then a form that breaks off',
    whole(Buffer.concat([form(file('paper', 'a.txt')).subarray(0, -4), Buffer.from('\r\nmore')])),
  ),
];

const headers: readonly Hostile[] = [
  malformed('a part without headers', whole(form(part('content')))),
  malformed('a part without anything', whole(form('', file('paper', 'a.txt')))),
  malformed('a part without Content-Disposition', whole(paper('Content-Type: text/plain'))),
  malformed(
    'a part that is an attachment',
    whole(paper('Content-Disposition: attachment; name="paper"; filename="a.txt"')),
  ),
  malformed('a part without a name', whole(paper('Content-Disposition: form-data; filename="a.txt"'))),
  malformed(
    'a part with an empty name',
    whole(paper('Content-Disposition: form-data; name=""; filename="a.txt"')),
  ),
  malformed(
    'a part with two names',
    whole(paper('Content-Disposition: form-data; name="paper"; name="title"; filename="a.txt"')),
  ),
  malformed('a part with two file names', whole(paper(`${DISPOSITION}; filename="b.html"`))),
  malformed('two headers Content-Disposition', whole(paper(DISPOSITION, DISPOSITION))),
  malformed(
    'two headers Content-Type',
    whole(paper(DISPOSITION, 'Content-Type: text/plain', 'Content-Type: text/html')),
  ),
  malformed(
    'a quotation mark that is not closed',
    whole(paper('Content-Disposition: form-data; name="paper; filename=a.txt')),
  ),
  malformed(
    'a name with a bare LF',
    whole(paper('Content-Disposition: form-data; name="paper"; filename="a\nb.txt"')),
  ),
  malformed(
    'a name with a bare CR',
    whole(paper('Content-Disposition: form-data; name="paper"; filename="a\rb.txt"')),
  ),
  malformed(
    'a name with NUL',
    whole(paper('Content-Disposition: form-data; name="paper"; filename="a.php\0.txt"')),
  ),
  malformed(
    'a name with NUL, encoded',
    whole(paper(`Content-Disposition: form-data; name="paper"; filename*=UTF-8''a.php%00.txt`)),
  ),
  malformed(
    'a name with a line end, encoded',
    whole(paper(`Content-Disposition: form-data; name="paper"; filename*=UTF-8''a%0d%0aX: y.txt`)),
  ),
  malformed(
    'a name whose encoding is broken',
    whole(paper(`Content-Disposition: form-data; name="paper"; filename*=UTF-8''a%ff%zz.txt`)),
  ),
  malformed(
    'a name in an encoding that nobody knows',
    whole(paper(`Content-Disposition: form-data; name="paper"; filename*=UTF-7''a.txt`)),
  ),
  malformed('a header that is none', whole(paper('Content-Disposition form-data'))),
  malformed('a header whose name has a space', whole(paper(DISPOSITION, 'Content Type: text/plain'))),
  malformed('a part that is folded before its first header', whole(paper(' folded', DISPOSITION))),
  malformed(
    'a part with parts of its own',
    whole(form(part('', DISPOSITION, 'Content-Type: multipart/mixed; boundary=inner'))),
  ),
  refused(
    'a header of 20,000 bytes',
    431,
    'headers-too-large',
    whole(paper(DISPOSITION, `X-Long: ${'x'.repeat(20_000)}`)),
  ),
  refused(
    'headers that are a little too large',
    431,
    'headers-too-large',
    whole(paper(DISPOSITION, `X-Long: ${'x'.repeat(1000)}`)),
  ),
  refused(
    'a file name of 20,000 bytes',
    431,
    'headers-too-large',
    whole(form(file('paper', 'x'.repeat(20_000)))),
  ),
  refused(
    '300 headers',
    431,
    'headers-too-large',
    whole(paper(DISPOSITION, ...Array.from({ length: 300 }, () => 'A: b'))),
  ),
  notAccepted('a file in base64', paper(DISPOSITION, 'Content-Transfer-Encoding: base64')),
  notAccepted('one byte in base64', form(part('!', DISPOSITION, 'Content-Transfer-Encoding: base64'))),
  notAccepted(
    'base64 that is mostly spaces',
    form(part(`${' '.repeat(90_000)}YQ==`, DISPOSITION, 'Content-Transfer-Encoding: base64')),
  ),
  notAccepted('a quoted-printable file', paper(DISPOSITION, 'Content-Transfer-Encoding: quoted-printable')),
];

const names: readonly Hostile[] = [
  malformed('a text called __proto__', whole(form(text('__proto__', 'x'), file('paper', 'a.txt')))),
  malformed('a text called a[__proto__][b]', whole(form(text('a[__proto__][b]', 'x')))),
  malformed('a text called constructor.prototype', whole(form(text('constructor.prototype', 'x')))),
  malformed('a file called __proto__', whole(form(file('__proto__', 'a.txt')))),
  malformed('a file for a field that there is not', whole(form(file('other', 'a.txt')))),
  malformed('a file for a field that is a text', whole(form(file('title', 'a.txt')))),
  ...['/tmp/', 'c:\\tmp\\', '/tmp/.', 'c:\\tmp\\.', '/tmp/..', 'c:\\tmp\\..', '..', '.', ''].map(name =>
    refused(
      `a file called ${JSON.stringify(name)}`,
      400,
      'suspicious-name',
      whole(form(file('paper', name))),
    ),
  ),
  refused(
    'a name that is all extension and longer than any column',
    400,
    'name-too-long',
    whole(form(file('paper', `.${'f'.repeat(300)}`))),
  ),
  refused('a token that is none', 403, 'permission', whole(form(text('picture', 'not a token')))),
];

const types: readonly Hostile[] = [
  notAccepted('an SVG as an image', form(file('picture', 'a.svg', SVG, 'image/svg+xml'))),
  notAccepted('an SVG as a PNG', form(file('picture', 'a.png', SVG, 'image/png'))),
  notAccepted('HTML as a PNG', form(file('picture', 'a.png', HTML, 'image/png'))),
  notAccepted('HTML as a GIF', form(file('picture', 'a.gif', HTML, 'image/gif'))),
  notAccepted('a PNG called HTML', form(file('picture', 'a.html', PNG, 'image/png'))),
  notAccepted('a double extension, HTML at the end', form(file('picture', 'a.png.html', PNG, 'image/png'))),
  notAccepted(
    'a double extension, an image at the end',
    form(file('picture', 'a.html.png', HTML, 'image/png')),
  ),
  notAccepted(
    'a script as an image',
    form(file('picture', 'image1.sh', "#!/bin/bash -c 'echo pwned!'\n", 'image/png')),
  ),
  notAccepted(
    'a polyglot of GIF and HTML, called HTML',
    form(file('picture', 'a.html', GIF_AND_HTML, 'image/gif')),
  ),
  notAccepted(
    'a polyglot of GIF and HTML, of type HTML',
    form(file('picture', 'a.gif', GIF_AND_HTML, 'text/html')),
  ),
  notAccepted('a PNG of type SVG', form(file('picture', 'a.png', PNG, 'image/svg+xml'))),
  notAccepted('an archive as an image', form(file('picture', 'a.jpg', 'PK\x03\x04........', 'image/jpeg'))),
  notAccepted('an empty image', form(file('picture', 'a.png', '', 'image/png'))),
  notAccepted(
    'one good image and a script',
    form(file('picture', 'a.png', PNG, 'image/png'), file('picture', 'b.sh', '#!/bin/sh', 'image/png')),
  ),
].map((one, index, all) =>
  // A second file for a field with one is one too many before it is looked at.
  index === all.length - 1 ? { ...one, status: 413, code: 'too-many-files' } : one,
);

const amounts: readonly Hostile[] = [
  refused(
    '10,000 parts',
    413,
    'too-many-fields',
    whole(form(...Array.from({ length: 10_000 }, () => text('a', '')))),
  ),
  refused(
    'more parts than are taken',
    413,
    'too-many-fields',
    whole(form(...Array.from({ length: LIMITS.maxParts + 1 }, () => text('tags', 'a')))),
  ),
  refused(
    'more files than are taken',
    413,
    'too-many-files',
    whole(form(...Array.from({ length: LIMITS.maxFiles + 1 }, () => file('papers', 'a.txt')))),
  ),
  refused(
    'two files for a field with one',
    413,
    'too-many-files',
    whole(form(file('paper', 'a.txt'), file('paper', 'b.txt'))),
  ),
  refused(
    'a text that is too long',
    413,
    'text-too-large',
    whole(form(text('title', 'x'.repeat(LIMITS.maxTextBytes + 1)))),
  ),
  refused(
    'a text that nobody asked for and that is too long',
    413,
    'text-too-large',
    whole(form(text('other', 'x'.repeat(50_000)))),
  ),
  refused(
    'a file that is too large',
    413,
    'too-large',
    whole(form(file('paper', 'a.txt', 'x'.repeat(LIMITS.maxFileBytes + 1)))),
  ),
  refused(
    'a request that says that it is too large',
    413,
    'request-too-large',
    whole('', { length: LIMITS.maxBytes + 1 }),
  ),
  refused('a request that is too large without saying so', 413, 'request-too-large', () => [
    request('', { headers: ['Transfer-Encoding: chunked'] })
      .toString()
      .replace('Content-Length: 0\r\n', ''),
    chunked(
      form(...Array.from({ length: 3 }, (_, index) => file('papers', `${index}.txt`, 'x'.repeat(99_000)))),
    ),
    chunked('x'.repeat(LIMITS.maxBytes)),
  ]),
  refused(
    'a beginning without an end, that is too large',
    413,
    'request-too-large',
    whole('x'.repeat(LIMITS.maxBytes + 1)),
  ),
  refused('an end without an end, that is too large', 413, 'request-too-large', () => [
    request('', { headers: ['Transfer-Encoding: chunked'] })
      .toString()
      .replace('Content-Length: 0\r\n', ''),
    chunked(Buffer.concat([form(file('paper', 'a.txt')), Buffer.alloc(LIMITS.maxBytes, 'x')])),
  ]),
];

const bodies: readonly Hostile[] = [
  notAccepted('another type', 'a=b', { type: 'application/x-www-form-urlencoded' }),
  notAccepted('multipart/mixed', form(file('paper', 'a.txt')), {
    type: `multipart/mixed; boundary=${BOUNDARY}`,
  }),
  notAccepted('multipart/form-data-of-mine', form(file('paper', 'a.txt')), {
    type: `multipart/form-data-of-mine; boundary=${BOUNDARY}`,
  }),
  notAccepted('a body that is compressed', form(file('paper', 'a.txt')), {
    headers: ['Content-Encoding: gzip'],
  }),
  malformed(
    'a body that is a part',
    whole('content', {
      method: 'PUT',
      type: 'text/plain',
      path: '/a.txt',
      headers: ['Content-Range: bytes 0-6/100'],
    }),
  ),
  refused(
    'a body with another digest',
    400,
    'integrity',
    whole('content', {
      method: 'PUT',
      type: 'text/plain',
      path: '/a.txt',
      headers: ['Content-MD5: AAAAAAAAAAAAAAAAAAAAAA=='],
    }),
  ),
  refused(
    'a file with another digest',
    400,
    'integrity',
    whole(paper(DISPOSITION, 'Content-Digest: sha-256=:AAAA:')),
  ),
  refused(
    'a raw body without a name',
    400,
    'suspicious-name',
    whole('content', { method: 'PUT', type: 'text/plain', path: '/' }),
  ),
  refused(
    'a raw body called /tmp/..',
    400,
    'suspicious-name',
    whole('content', {
      method: 'PUT',
      type: 'text/plain',
      headers: ['Content-Disposition: attachment; filename="/tmp/.."'],
    }),
  ),
  malformed(
    'a raw body whose path is no UTF-8',
    whole('content', { method: 'PUT', type: 'text/plain', path: '/%ff.txt' }),
  ),
  refused(
    'a raw body that says that it is too large',
    413,
    'too-large',
    whole('', { method: 'PUT', type: 'text/plain', path: '/a.txt', length: LIMITS.maxFileBytes + 1 }),
  ),
  refused('a method that is none of an upload', 405, 'method-not-allowed', whole('', { method: 'PATCH' })),
  byNode('a length that is negative', whole('content', { length: '-1' })),
  byNode('a length that is a word', whole('content', { length: 'a' })),
  byNode('two lengths', whole('content', { headers: ['Content-Length: 3'] })),
  byNode(
    'a length and chunks',
    whole(form(file('paper', 'a.txt')), { headers: ['Transfer-Encoding: chunked'] }),
  ),
  refused('a body that stops', 408, 'too-slow', () => [
    request(form(file('paper', 'a.txt')), { length: 10_000 }),
    silent,
  ]),
  refused('a body that never begins', 408, 'too-slow', () => [request('', { length: 10_000 }), silent]),
  refused('a body that stops in the middle of a file', 408, 'too-slow', () => [
    request(form(file('paper', 'a.txt', 'x'.repeat(50_000))).subarray(0, 40_000), { length: 60_000 }),
    silent,
  ]),
  byNode('a body that is longer than it says', whole(form(file('paper', 'a.txt')), { length: 100 })),
];

const origins: readonly Hostile[] = [
  ...[
    ['a form of another origin', ['Origin: https://evil.example']],
    ['a form of a page without an origin', ['Origin: null']],
    ['a form of another site', ['Sec-Fetch-Site: cross-site']],
    ['a form of a page of the same site', ['Sec-Fetch-Site: same-site', 'Origin: http://other.localhost']],
    [
      'a form that says its own origin and another site',
      ['Sec-Fetch-Site: cross-site', 'Origin: http://localhost'],
    ],
    ['a form of the same host at another port', ['Origin: http://localhost:8080']],
  ].map(([title, given]) =>
    refused(
      String(title),
      403,
      'cross-origin',
      whole(form(file('paper', 'a.txt')), { headers: given as string[] }),
    ),
  ),
];

function chunked(bytes: Buffer | string): Buffer {
  const content = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`${content.byteLength.toString(16)}\r\n`), content, Buffer.from('\r\n')]);
}

/** What clients may send to a server that takes uploads, and what it owes them. */
export const hostile: readonly Hostile[] = [
  ...boundaries,
  ...headers,
  ...names,
  ...types,
  ...amounts,
  ...bodies,
  ...origins,
];
