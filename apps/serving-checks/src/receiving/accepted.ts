import { BOUNDARY, file, form, part, request, text } from './form.ts';

/** A request that is taken, and what is told of it. */
export interface Accepted {
  readonly title: string;
  readonly sent: Buffer;
  readonly told: object;
}

/** Django's list of names that lead out of a folder. All are the same file. */
const LEADING_OUT = [
  '/tmp/hax0rd.txt',
  'C:\\Windows\\hax0rd.txt',
  'C:/Windows/hax0rd.txt',
  '\\tmp\\hax0rd.txt',
  '/tmp\\hax0rd.txt',
  'subdir/hax0rd.txt',
  'subdir\\hax0rd.txt',
  'sub/dir\\hax0rd.txt',
  '../../hax0rd.txt',
  '..\\..\\hax0rd.txt',
  '../..\\hax0rd.txt',
  '..&#x2F;hax0rd.txt',
  '..&sol;hax0rd.txt',
];

const named = (originalName: string): object => ({ files: [{ originalName }] });

const withDisposition = (parameters: string): Buffer =>
  request(form(part('content', `Content-Disposition: form-data; ${parameters}`, 'Content-Type: text/plain')));

const UNICODE = 'test-0123456789_中文_Orléans.jpg';
const ENCODED = encodeURIComponent(UNICODE);

/** What honest clients send, and what is made of names that are not. */
export const accepted: readonly Accepted[] = [
  ...LEADING_OUT.map(name => ({
    title: `a file called ${name}`,
    sent: request(form(file('paper', name))),
    told: named('hax0rd.txt'),
  })),
  {
    title: 'a file and a text',
    sent: request(form(text('title', 'a title'), file('paper', 'a.txt', 'content'))),
    told: { files: [{ originalName: 'a.txt', contentType: 'text/plain', sizeBytes: 7 }], title: 'a title' },
  },
  {
    title: 'several files and texts of one name',
    sent: request(
      form(file('papers', 'a.txt'), text('tags', 'x'), file('papers', 'b.txt'), text('tags', 'y')),
    ),
    told: { files: [{ originalName: 'a.txt' }, { originalName: 'b.txt' }], tags: ['x', 'y'] },
  },
  { title: 'a form of nothing', sent: request(form()), told: { files: [], tags: [] } },
  {
    title: 'an input that nobody touched',
    sent: request(form(file('picture', '', '', 'application/octet-stream'), text('title', ''))),
    told: { files: [], title: '' },
  },
  { title: 'a text that nobody asked for', sent: request(form(text('csrf', 'x'))), told: { files: [] } },
  {
    title: 'an empty file',
    sent: request(form(file('paper', 'a.txt', ''))),
    told: { files: [{ sizeBytes: 0 }] },
  },
  { title: 'a name beyond ASCII', sent: request(form(file('paper', UNICODE))), told: named(UNICODE) },
  {
    title: 'a name by RFC 2231',
    sent: withDisposition(`name="paper"; filename*=UTF-8''${ENCODED}`),
    told: named(UNICODE),
  },
  {
    title: 'a name by RFC 2231 in quotation marks',
    sent: withDisposition(`name="paper"; filename*="UTF-8''${ENCODED}"`),
    told: named(UNICODE),
  },
  {
    title: 'the name of a field by RFC 2231',
    sent: withDisposition(`name*=UTF-8''paper; filename*=UTF-8''${ENCODED}`),
    told: named(UNICODE),
  },
  {
    title: 'the name of a field by RFC 2231 in quotation marks',
    sent: withDisposition(`name*="UTF-8''paper"; filename*="UTF-8''${ENCODED}"`),
    told: named(UNICODE),
  },
  {
    title: 'small and capital letters',
    sent: request(form(file('paper', 'MiXeD_cAsE.txt'))),
    told: named('MiXeD_cAsE.txt'),
  },
  {
    title: 'a mark that turns the direction of writing',
    sent: request(form(file('paper', 'a\u202egnp.txt'))),
    told: named('agnp.txt'),
  },
  ...[
    [`${'f'.repeat(296)}.txt`, `${'f'.repeat(251)}.txt`],
    ['f'.repeat(300), 'f'.repeat(255)],
  ].map(([given = '', kept = '']) => ({
    title: `a name of ${given.length} characters`,
    sent: request(form(file('paper', given))),
    told: named(kept),
  })),
  {
    title: 'a type with parameters',
    sent: request(form(file('paper', 'a.txt', 'x', 'text/plain; test-key=test_value'))),
    told: { files: [{ contentType: 'text/plain; test-key=test_value' }] },
  },
  {
    title: 'a header of 500 bytes',
    sent: request(
      form(
        part(
          'x',
          'Content-Disposition: form-data; name="paper"; filename="a.txt"',
          `X-Long: ${'x'.repeat(500)}`,
        ),
      ),
    ),
    told: named('a.txt'),
  },
  {
    title: 'a header that is folded',
    sent: request(form(part('x', 'Content-Disposition: form-data;\r\n name="paper";\r\n\tfilename="a.txt"'))),
    told: named('a.txt'),
  },
  {
    title: 'what stands before and after the form',
    sent: request(
      Buffer.concat([Buffer.from('before\r\n'), form(file('paper', 'a.txt')), Buffer.from('after')]),
    ),
    told: named('a.txt'),
  },
  {
    title: 'a boundary in quotation marks, with every character that one may have',
    sent: request(form(file('paper', 'a.txt')).toString().replaceAll(BOUNDARY, "a'()+_,-./:=? z"), {
      type: `multipart/form-data; charset=utf-8; boundary="a'()+_,-./:=? z"`,
    }),
    told: named('a.txt'),
  },
  {
    title: 'content that nearly is the boundary',
    sent: request(form(file('paper', 'a.txt', `\r\n--${BOUNDARY.slice(0, -1)}\r\n--\r\n\r\n`))),
    told: { files: [{ sizeBytes: BOUNDARY.length + 11 }] },
  },
  {
    title: 'a digest that is right',
    sent: request(
      form(
        part(
          'content',
          'Content-Disposition: form-data; name="paper"; filename="a.txt"',
          'Content-Digest: sha-256=:7XACtDnprIRfIjV9giusFERzD722AW0+yUMil7nsn3M=:',
        ),
      ),
    ),
    told: named('a.txt'),
  },
  {
    title: 'a raw body, called as its path says',
    sent: request('content', { method: 'PUT', path: '/up/gr%C3%B6%C3%9Fe.txt', type: 'text/plain' }),
    told: { files: [{ originalName: 'größe.txt', contentType: 'text/plain', sizeBytes: 7 }] },
  },
  {
    title: 'a raw body, called as its header says',
    sent: request('content', {
      method: 'PUT',
      type: null,
      headers: ["Content-Disposition: attachment; filename*=UTF-8''a%20b.txt"],
    }),
    told: named('a b.txt'),
  },
  {
    title: 'a text in the encoding that it says',
    sent: request(
      form(
        part(
          Buffer.from('gr\xf6\xdfe', 'latin1'),
          'Content-Disposition: form-data; name="title"',
          'Content-Type: text/plain; charset=ISO-8859-1',
        ),
      ),
    ),
    told: { title: 'größe' },
  },
];
