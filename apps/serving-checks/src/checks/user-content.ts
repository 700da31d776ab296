import { doesNotMatch, equal, match, ok } from 'node:assert/strict';
import { type Check, checks } from '../check.ts';
import { type Answer, ask, type Site } from '../site.ts';
import { isRefused } from './expect.ts';

const isAttachment = ({ headers }: Answer): void =>
  match(headers['content-disposition'] ?? '', /^attachment\b/);
const isInline = ({ headers }: Answer): void =>
  match(headers['content-disposition'] ?? 'inline', /^inline\b/);

const onFileHost = (site: Site, path: string): Promise<Answer> =>
  ask(site, path, { headers: { host: site.fileHost ?? 'files.example.net' } });

const ACTIVE = ['/page.html', '/page.xhtml', '/picture.svg', '/data.xml'];

/** What a server owes to those who look at what others uploaded. */
export const userContent: readonly Check[] = checks('user content', {
  '*an SVG has nosniff or is an attachment': async site => {
    const answer = await ask(site, '/picture.svg');
    if (answer.headers['x-content-type-options'] !== 'nosniff') isAttachment(answer);
  },
  'HTML, XML and SVG are attachments': async site => {
    for (const path of ACTIVE) isAttachment(await ask(site, path));
  },
  'HTML, XML and SVG would run in a sandbox without anything': async site => {
    for (const path of ACTIVE) {
      const policy = (await ask(site, path)).headers['content-security-policy'] ?? '';
      match(policy, /default-src 'none'/);
      match(policy, /(^|; )sandbox($|;)/);
    }
  },
  'everything has nosniff, parts, errors and refusals too': async site => {
    const answers = [
      await ask(site, '/thousand.bin'),
      await ask(site, '/page.html', { headers: { range: 'bytes=0-9' } }),
      await ask(site, '/page.html', { headers: { range: 'bytes=0-1,4-5' } }),
      await ask(site, '/page.html', { headers: { range: 'bytes=9999-' } }),
      await ask(site, '/missing.html'),
    ];
    for (const { headers } of answers) equal(headers['x-content-type-options'], 'nosniff');
  },
  'everything has a policy that lets no script run': async site => {
    for (const path of [
      '/thousand.bin',
      '/pixel.png',
      '/note.txt',
      '/tone.mp3',
      '/clip.mp4',
      '/paper.pdf',
      '/missing',
    ]) {
      const policy = (await ask(site, path)).headers['content-security-policy'] ?? '';
      match(policy, /default-src 'none'/, path);
      doesNotMatch(policy, /script-src|unsafe-eval/, path);
    }
  },
  'images, audio, video and text are shown': async site => {
    for (const path of ['/pixel.png', '/tone.mp3', '/clip.mp4', '/note.txt']) isInline(await ask(site, path));
  },
  'what plays is not put into a sandbox': async site => {
    for (const path of ['/tone.mp3', '/clip.mp4']) {
      const policy = (await ask(site, path)).headers['content-security-policy'] ?? '';
      match(policy, /media-src 'self'/);
      doesNotMatch(policy, /sandbox/);
    }
  },
  'a PDF and what nobody knows are attachments': async site => {
    for (const path of ['/paper.pdf', '/no%20extension', '/thousand.bin'])
      isAttachment(await ask(site, path));
  },
  'what has no type is bytes': async site =>
    equal((await ask(site, '/no%20extension')).headers['content-type'], 'application/octet-stream'),
  'text says its encoding': async site =>
    match((await ask(site, '/note.txt')).headers['content-type'] ?? '', /^text\/plain; ?charset=utf-8$/i),
  'scripts and style sheets are none on the own origin': async site => {
    for (const path of ['/script.js', '/style.css']) {
      const answer = await ask(site, path);
      isAttachment(answer);
      equal(answer.headers['content-type'], 'application/octet-stream');
    }
  },
  'pages of other sites may not embed the own origin': async site =>
    equal((await ask(site, '/pixel.png')).headers['cross-origin-resource-policy'], 'same-origin'),
  'pages of other sites may embed the file host': async site => {
    const { status, headers } = await onFileHost(site, '/pixel.png');
    equal(status, 200);
    equal(headers['cross-origin-resource-policy'], 'cross-origin');
  },
  'a proxy header does not make a host the file host': async site => {
    const host = site.fileHost ?? 'files.example.net';
    const headers = { 'x-forwarded-host': host, forwarded: `host=${host}` };
    equal(
      (await ask(site, '/pixel.png', { headers })).headers['cross-origin-resource-policy'],
      'same-origin',
    );
  },
  'names are told in both forms, quotes and percent signs included': async site => {
    const { headers } = await ask(site, `/${encodeURIComponent('größe “1” & 100%.txt')}`);
    const disposition = headers['content-disposition'] ?? '';
    match(disposition, /filename="[\x20-\x7e]*"/);
    match(disposition, /filename\*=UTF-8''gr%C3%B6%C3%9Fe%20%E2%80%9C1%E2%80%9D%20%26%20100%25\.txt/);
  },
  'names from right to left are kept': async site =>
    match(
      (await ask(site, `/${encodeURIComponent('עברית.txt')}`)).headers['content-disposition'] ?? '',
      /filename\*=UTF-8''%D7%A2%D7%91%D7%A8%D7%99%D7%AA\.txt/,
    ),
  'only the last part of a name is told': async site =>
    match(
      (await ask(site, '/folder/inside.txt')).headers['content-disposition'] ?? '',
      /filename="inside\.txt"/,
    ),
  'what is not public is not kept by shared caches': async site => {
    const { headers } = await ask(site, '/note.txt');
    match(headers['cache-control'] ?? '', /\b(private|no-store)\b/);
  },
  'errors are problem details and are not kept': async site => {
    for (const [path, headers] of [
      ['/missing.bin', {}],
      ['/thousand.bin', { range: 'bytes=5000-' }],
      ['/thousand.bin', { 'if-match': '"other"' }],
    ] as const) {
      const answer = await ask(site, path, { headers });
      equal(answer.headers['content-type'], 'application/problem+json');
      equal(answer.headers['cache-control'], 'no-store');
      const details = JSON.parse(answer.body.toString());
      equal(details.status, answer.status);
      ok(typeof details.title === 'string' && typeof details.type === 'string');
    }
  },
  'errors tell no path, name or stack': async site => {
    for (const path of ['/missing-secret.bin', '/..%2f..%2fsecret', '/secret%00']) {
      const answer = await ask(site, path);
      isRefused(answer);
      doesNotMatch(answer.body.toString(), /secret|\/|at .*:\d+|node_modules|Error/i);
    }
  },
});
