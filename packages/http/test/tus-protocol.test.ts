import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStorage } from '@fieldfile/memory';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { TusOptions } from '../src/tus.ts';
import { alteredTokens } from './altered-tokens.ts';
import { tokenOf } from './tus-client.ts';
import { FOR, type SomeTusOptions, type TusWorld, tusWorld } from './tus-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'fieldfile-tus-'));
afterAll(() => rmSync(folder, { recursive: true }));

const BASE = 'http://localhost/uploads/';
const PIECE = { 'content-type': 'application/offset+octet-stream' };
const TEXT = 'Hello, tus!\n';

let world: TusWorld;
let handler: (request: Request) => Promise<Response>;
let count = 0;
beforeEach(() => {
  world = tusWorld(new MemoryStorage(), join(folder, `journal-${count++}`));
  handler = world.handler();
});

type Sent = Record<string, string | undefined>;

/** One request. A header that is undefined is left out. */
function send(
  method: string,
  url: string,
  sent: Sent = {},
  body?: string | ReadableStream<Uint8Array>,
): Promise<Response> {
  const headers = new Headers();
  const all: Sent = { 'tus-resumable': '1.0.0', ...sent };
  if (typeof body === 'string') all['content-length'] ??= String(Buffer.byteLength(body));
  for (const [name, value] of Object.entries(all)) if (value !== undefined) headers.set(name, value);
  const init = { method, headers, ...(body === undefined ? {} : { body, duplex: 'half' }) };
  return handler(new Request(new URL(url, BASE), init));
}

/** @returns the address. */
async function begun(sent: Sent = { 'upload-length': '12' }): Promise<string> {
  const response = await send('POST', BASE, sent);
  expect(response.status).toBe(201);
  return new URL(response.headers.get('location') ?? '', BASE).href;
}

const patch = (
  url: string,
  offset: number,
  body: string | ReadableStream<Uint8Array>,
  sent: Sent = {},
): Promise<Response> => send('PATCH', url, { ...PIECE, 'upload-offset': String(offset), ...sent }, body);

const piece = async (text: string, sent: Sent = {}): Promise<string> => {
  const url = await begun({ 'upload-length': String(text.length), 'upload-concat': 'partial', ...sent });
  await patch(url, 0, text);
  return url;
};

async function shown(url: string): Promise<Record<string, string>> {
  const response = await send('HEAD', url);
  expect(response.status).toBe(200);
  return Object.fromEntries(response.headers);
}

const sha1 = (text: string): string => createHash('sha1').update(text).digest('base64');

async function textOf(url: string): Promise<string> {
  const { file } = await world.keep(tokenOf(url));
  await using opened = await world.field.storage.open(file ?? '');
  return Buffer.from(await opened.bytes()).toString();
}

const left = async (): Promise<string[]> => {
  await world.recover();
  return world.names();
};

describe('a request', () => {
  const base = async (): Promise<string> => BASE;
  const none = async (): Promise<string> => `${BASE}non-existent-upload-id.12345`;
  const upload = (): Promise<string> => begun();
  const done = async (): Promise<string> => {
    const url = await begun();
    await patch(url, 0, TEXT);
    return url;
  };
  const ended = async (): Promise<string> => {
    const url = await begun();
    await send('DELETE', url);
    return url;
  };
  const whole = async (): Promise<string> => {
    const one = await piece('AAAAA');
    return begun({ 'upload-concat': `final;${one}` });
  };
  const open = (): Promise<string> => begun({ 'upload-defer-length': '1' });
  const with12 = { 'upload-length': '12' };
  const at = (offset: string): Sent => ({ ...PIECE, 'upload-offset': offset });

  interface Check {
    readonly method: string;
    readonly to?: () => Promise<string>;
    readonly sent?: Sent;
    readonly body?: string;
    readonly is: number;
    readonly has?: Readonly<Record<string, string | RegExp | null>>;
  }
  const version = { 'tus-version': '1.0.0' };
  const checks: Readonly<Record<string, Check>> = {
    'OPTIONS tells what there is': {
      method: 'OPTIONS',
      sent: { 'tus-resumable': undefined },
      is: 200,
      has: {
        ...version,
        'tus-extension':
          'creation,creation-with-upload,creation-defer-length,termination,expiration,checksum,concatenation',
        'tus-checksum-algorithm': /^sha1,/,
        'tus-max-size': null,
      },
    },
    'OPTIONS of an upload': { method: 'OPTIONS', to: upload, is: 200, has: version },
    'POST begins an upload': {
      method: 'POST',
      sent: with12,
      is: 201,
      has: { location: /^\/uploads\/[\w-]+\.[\w-]+$/, 'upload-offset': '0', 'upload-expires': / GMT$/ },
    },
    'POST of no bytes': { method: 'POST', sent: { 'upload-length': '0' }, is: 201 },
    'POST without a version': {
      method: 'POST',
      sent: { ...with12, 'tus-resumable': undefined },
      is: 412,
      has: version,
    },
    'POST of another version': {
      method: 'POST',
      sent: { ...with12, 'tus-resumable': '0.2.2' },
      is: 412,
      has: version,
    },
    'POST of an unknown length': { method: 'POST', sent: { 'upload-defer-length': '1' }, is: 201 },
    'POST of an unknown length that is none': {
      method: 'POST',
      sent: { 'upload-defer-length': '0' },
      is: 400,
    },
    'POST of two lengths': { method: 'POST', sent: { ...with12, 'upload-defer-length': '1' }, is: 400 },
    'POST of no length': { method: 'POST', is: 400 },
    ...Object.fromEntries(
      ['-1', '1.5', '1e3', '0x10', ' ', 'ten', '99999999999999999'].map(length => [
        `POST of the length ${length}`,
        { method: 'POST', sent: { 'upload-length': length }, is: 400 },
      ]),
    ),
    'POST with a body': {
      method: 'POST',
      sent: { ...with12, ...PIECE },
      body: TEXT,
      is: 201,
      has: { 'upload-offset': '12' },
    },
    'POST with a part of it': {
      method: 'POST',
      sent: { 'upload-length': '100', ...PIECE },
      body: TEXT,
      is: 201,
      has: { 'upload-offset': '12' },
    },
    'POST with a body of another type': {
      method: 'POST',
      sent: { ...with12, 'content-type': 'text/plain' },
      body: TEXT,
      is: 415,
    },
    'POST with a body that is too long': {
      method: 'POST',
      sent: { 'upload-length': '5', ...PIECE },
      body: TEXT,
      is: 413,
    },
    'POST with a body and its checksum': {
      method: 'POST',
      sent: { ...with12, ...PIECE, 'upload-checksum': `sha1 ${sha1(TEXT)}` },
      body: TEXT,
      is: 201,
      has: { 'upload-offset': '12' },
    },
    'POST with a body and another checksum': {
      method: 'POST',
      sent: { ...with12, ...PIECE, 'upload-checksum': `sha1 ${sha1('x')}` },
      body: TEXT,
      is: 460,
    },
    ...Object.fromEntries(
      [
        ['filename dGVzdC50eHQ=', 201],
        ['filename dGVzdC50eHQ=,filetype dGV4dC9wbGFpbg==', 201],
        ['filename dGVzdC50eHQ=, content-type dGV4dC9wbGFpbg', 201],
        ['filename dGVzdC50eHQ=,is_draft', 201],
        ['is_draft ,filename dGVzdA==', 201],
        ['', 201],
        ['filename not_base64!', 400],
        ['filename dGVzdA==,filename dGVzdA==', 400],
        ['filename dGVzdA== dGVzdA==', 400],
        ['filename dGVzdA==,', 400],
        ['größe dGVzdA==', 400],
        ['filename A', 400],
      ].map(([metadata, is]) => [
        `POST with the metadata ${JSON.stringify(metadata)}`,
        { method: 'POST', sent: { ...with12, 'upload-metadata': String(metadata) }, is: Number(is) },
      ]),
    ),
    'HEAD of an upload': {
      method: 'HEAD',
      to: upload,
      is: 200,
      has: {
        'upload-offset': '0',
        'upload-length': '12',
        'upload-defer-length': null,
        'cache-control': 'no-store',
        'upload-expires': /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/,
      },
    },
    'HEAD of one that is done': {
      method: 'HEAD',
      to: done,
      is: 200,
      has: { 'upload-offset': '12', 'upload-length': '12' },
    },
    'HEAD of one of an unknown length': {
      method: 'HEAD',
      to: open,
      is: 200,
      has: { 'upload-defer-length': '1', 'upload-length': null, 'upload-offset': '0' },
    },
    'HEAD of a piece': { method: 'HEAD', to: () => piece('A'), is: 200, has: { 'upload-concat': 'partial' } },
    'HEAD of what is made of pieces': {
      method: 'HEAD',
      to: whole,
      is: 200,
      has: { 'upload-concat': /^final;/, 'upload-offset': '5', 'upload-length': '5' },
    },
    'HEAD without a version': {
      method: 'HEAD',
      to: upload,
      sent: { 'tus-resumable': undefined },
      is: 412,
      has: { ...version, 'upload-offset': null },
    },
    'HEAD of none': { method: 'HEAD', to: none, is: 404, has: { 'upload-offset': null } },
    'HEAD of one that has ended': { method: 'HEAD', to: ended, is: 410, has: { 'upload-offset': null } },
    'PATCH sends all': {
      method: 'PATCH',
      to: upload,
      sent: at('0'),
      body: TEXT,
      is: 204,
      has: { 'upload-offset': '12', 'upload-expires': / GMT$/ },
    },
    'PATCH sends some': {
      method: 'PATCH',
      to: upload,
      sent: at('0'),
      body: 'Hello',
      is: 204,
      has: { 'upload-offset': '5' },
    },
    'PATCH sends nothing': {
      method: 'PATCH',
      to: upload,
      sent: at('0'),
      body: '',
      is: 204,
      has: { 'upload-offset': '0' },
    },
    'PATCH without a version': {
      method: 'PATCH',
      to: upload,
      sent: { ...at('0'), 'tus-resumable': undefined },
      body: TEXT,
      is: 412,
      has: version,
    },
    'PATCH of no type': {
      method: 'PATCH',
      to: upload,
      sent: { 'upload-offset': '0', 'content-type': undefined },
      is: 415,
    },
    'PATCH of another type': {
      method: 'PATCH',
      to: upload,
      sent: { ...at('0'), 'content-type': 'text/plain' },
      body: TEXT,
      is: 415,
    },
    'PATCH at no offset': { method: 'PATCH', to: upload, sent: PIECE, body: TEXT, is: 400 },
    'PATCH at an offset that is none': { method: 'PATCH', to: upload, sent: at('-1'), body: TEXT, is: 400 },
    'PATCH at another offset': {
      method: 'PATCH',
      to: upload,
      sent: at('5'),
      body: TEXT,
      is: 409,
      has: { 'upload-offset': '0' },
    },
    'PATCH of more than there is to come': {
      method: 'PATCH',
      to: upload,
      sent: at('0'),
      body: `${TEXT}x`,
      is: 413,
    },
    'PATCH of one that is done': {
      method: 'PATCH',
      to: done,
      sent: at('12'),
      body: '',
      is: 204,
      has: { 'upload-offset': '12' },
    },
    'PATCH once more what has come': {
      method: 'PATCH',
      to: done,
      sent: at('0'),
      body: TEXT,
      is: 409,
      has: { 'upload-offset': '12' },
    },
    'PATCH of none': { method: 'PATCH', to: none, sent: at('0'), body: TEXT, is: 404 },
    'PATCH of one that has ended': { method: 'PATCH', to: ended, sent: at('0'), body: TEXT, is: 410 },
    'PATCH says the length': {
      method: 'PATCH',
      to: open,
      sent: { ...at('0'), ...with12 },
      body: TEXT,
      is: 204,
      has: { 'upload-offset': '12' },
    },
    'PATCH says another length': {
      method: 'PATCH',
      to: upload,
      sent: { ...at('0'), 'upload-length': '20' },
      body: TEXT,
      is: 400,
    },
    'PATCH says the same length': {
      method: 'PATCH',
      to: upload,
      sent: { ...at('0'), ...with12 },
      body: TEXT,
      is: 204,
    },
    ...Object.fromEntries(
      ['sha1', 'sha256', 'md5'].map(algorithm => [
        `PATCH with ${algorithm}`,
        {
          method: 'PATCH',
          to: upload,
          sent: {
            ...at('0'),
            'upload-checksum': `${algorithm} ${createHash(algorithm).update(TEXT).digest('base64')}`,
          },
          body: TEXT,
          is: 204,
        },
      ]),
    ),
    'PATCH with another checksum': {
      method: 'PATCH',
      to: upload,
      sent: { ...at('0'), 'upload-checksum': `sha1 ${sha1('x')}` },
      body: TEXT,
      is: 460,
    },
    'PATCH with a checksum of an unknown kind': {
      method: 'PATCH',
      to: upload,
      sent: { ...at('0'), 'upload-checksum': 'sha3 AAAA' },
      body: TEXT,
      is: 400,
    },
    'PATCH with a checksum that is none': {
      method: 'PATCH',
      to: upload,
      sent: { ...at('0'), 'upload-checksum': 'sha1' },
      body: TEXT,
      is: 400,
    },
    'PATCH of what is made of pieces': { method: 'PATCH', to: whole, sent: at('0'), body: TEXT, is: 403 },
    'POST of pieces with a length': {
      method: 'POST',
      sent: { ...with12, 'upload-concat': 'final;/uploads/a.b' },
      is: 400,
    },
    'POST of pieces that are none': {
      method: 'POST',
      sent: { 'upload-concat': 'final;/uploads/a.b' },
      is: 404,
    },
    'POST of pieces of elsewhere': { method: 'POST', sent: { 'upload-concat': 'final;/other/a.b' }, is: 400 },
    'POST of no pieces': { method: 'POST', sent: { 'upload-concat': 'final;' }, is: 400 },
    'POST of something else': { method: 'POST', sent: { ...with12, 'upload-concat': 'half' }, is: 400 },
    'DELETE of an upload': { method: 'DELETE', to: upload, is: 204 },
    'DELETE of one that is done': { method: 'DELETE', to: done, is: 204 },
    'DELETE of one that has ended': { method: 'DELETE', to: ended, is: 410 },
    'DELETE of none': { method: 'DELETE', to: none, is: 404 },
    'DELETE without a version': {
      method: 'DELETE',
      to: upload,
      sent: { 'tus-resumable': undefined },
      is: 412,
      has: version,
    },
    'POST instead of PATCH': {
      method: 'POST',
      to: upload,
      sent: { ...at('0'), 'x-http-method-override': 'PATCH' },
      body: TEXT,
      is: 204,
    },
    'POST instead of DELETE': {
      method: 'POST',
      to: upload,
      sent: { 'x-http-method-override': 'DELETE' },
      is: 204,
    },
    'GET of an upload': {
      method: 'GET',
      to: upload,
      is: 405,
      has: { allow: 'HEAD, PATCH, DELETE, OPTIONS' },
    },
    'PUT to the base': { method: 'PUT', sent: PIECE, body: TEXT, is: 405, has: { allow: 'POST, OPTIONS' } },
    'POST to an upload': { method: 'POST', to: upload, sent: with12, is: 405 },
  };

  test.each(Object.entries(checks))('%s', async (_, { method, to = base, sent, body, is, has = {} }) => {
    const response = await send(method, await to(), sent, body);
    expect([response.status, await response.text()]).toEqual([is, expect.anything()]);
    expect(response.headers.get('tus-resumable')).toBe('1.0.0');
    if (is >= 400) expect(response.headers.get('content-type')).toBe('application/problem+json');
    for (const [name, value] of Object.entries(has))
      if (value === null) expect(response.headers.has(name)).toBe(false);
      else expect(response.headers.get(name)).toMatch(value);
  });
});

describe('what is refused', () => {
  test.each([
    ['with a checksum that is not its', { 'upload-checksum': `sha1 ${sha1('x')}` }, 460],
    ['after its client has left', {}, 499],
  ])('leaves the upload as it was: %s', async (_, sent, status) => {
    const url = await begun({ 'upload-length': '24' });
    await patch(url, 0, 'Hello');
    const broken = status === 499;
    const checked = { ...sent, ...(broken ? { 'upload-checksum': `sha1 ${sha1(TEXT)}` } : {}) };
    const response = await patch(url, 5, broken ? cutAfter(', tu') : ', tus!\n', checked);
    expect(response.status).toBe(status);
    expect((await shown(url))['upload-offset']).toBe('5');
    expect((await patch(url, 5, ', tus!\n')).status).toBe(204);
    expect((await patch(url, 12, TEXT, { 'upload-checksum': `sha1 ${sha1(TEXT)}` })).status).toBe(204);
    expect(await textOf(url)).toBe(TEXT + TEXT);
  });

  test('in a request that begins an upload leaves nothing', async () => {
    const sent = { 'upload-length': '12', ...PIECE, 'upload-checksum': `sha1 ${sha1('x')}` };
    expect((await send('POST', BASE, sent, TEXT)).status).toBe(460);
    expect(await left()).toEqual([]);
    expect(await world.journal.entries()).toEqual([]);
  });

  test('of more than was announced leaves the upload as it was', async () => {
    const url = await begun();
    const response = await patch(url, 0, streamOf(`${TEXT}more`), { 'content-length': undefined });
    expect(response.status).toBe(413);
    expect((await shown(url))['upload-offset']).toBe('0');
  });
});

describe('what came of a request that broke', () => {
  test('is kept', async () => {
    const url = await begun();
    expect((await patch(url, 0, cutAfter('Hello'))).status).toBe(499);
    expect((await shown(url))['upload-offset']).toBe('5');
    expect((await patch(url, 5, TEXT.slice(5))).status).toBe(204);
    expect(await textOf(url)).toBe(TEXT);
  });

  test('and that hangs is kept when a new one comes, which the old one gives way to', async () => {
    const url = await begun();
    const hanging = hangingAfter('Hello');
    const old = patch(url, 0, hanging.stream);
    await hanging.isRead;
    expect((await shown(url))['upload-offset']).toBe('5');
    expect((await old).status).toBe(409);
    expect((await patch(url, 5, TEXT.slice(5))).status).toBe(204);
    expect(await textOf(url)).toBe(TEXT);
  });

  test('may be all: the upload is whole', async () => {
    const url = await begun();
    await patch(url, 0, cutAfter(TEXT));
    expect((await shown(url))['upload-offset']).toBe('12');
    expect(await textOf(url)).toBe(TEXT);
  });
});

describe('an upload', () => {
  test('of pieces has their bytes in their order, and the pieces are no files', async () => {
    const [one, other] = [await piece('AAAAA'), await piece('BBBBBB')];
    const url = await begun({ 'upload-concat': `final;${other} ${new URL(one).pathname} ${other}` });
    await expect(world.field.redeem(tokenOf(one), FOR)).rejects.toMatchObject({ code: 'permission' });
    expect(await textOf(url)).toBe('BBBBBBAAAAABBBBBB');
    for (const address of [one, other]) await send('DELETE', address);
    expect(await left()).toHaveLength(1);
  });

  test('has pieces of which the client says neither name nor type: nobody has looked at what they are', async () => {
    const metadata = `filename ${btoa('page.html')},filetype ${btoa('text/html')}`;
    await piece('<script>', { 'upload-metadata': metadata });
    expect((await world.names()).filter(name => name.includes('html'))).toEqual([]);
    for (const name of await world.names())
      expect((await world.field.storage.info(name)).contentType).toBe('application/octet-stream');
  });

  test('whose file was made is not changed by another request for it', async () => {
    const url = await begun();
    await patch(url, 0, TEXT);
    await world.field.redeem(tokenOf(url), FOR);
    expect((await patch(url, 12, '')).status).toBe(410);
    await expect(world.field.redeem(tokenOf(url), FOR)).resolves.toBeDefined(); // no row has it yet
  });

  test('is not made of what has not come, or of an upload of its own', async () => {
    const half = await begun({ 'upload-length': '10', 'upload-concat': 'partial' });
    await patch(half, 0, 'AAAAA');
    const own = await begun();
    await patch(own, 0, TEXT);
    for (const address of [half, own])
      expect((await send('POST', BASE, { 'upload-concat': `final;${address}` })).status).toBe(400);
  });

  test('keeps what was said of it', async () => {
    const metadata = `filename ${btoa('a.txt')},note ${btoa('x')},is_draft`;
    const url = await begun({ 'upload-length': '12', 'upload-metadata': metadata });
    expect((await shown(url))['upload-metadata']).toBe(metadata);
    await patch(url, 0, TEXT);
    const { staged } = await world.field.redeem(tokenOf(url), FOR);
    expect(staged).toMatchObject({ originalName: 'a.txt', contentType: 'text/plain', sizeBytes: 12 });
  });

  test('is redeemed when it is whole, and not before', async () => {
    const url = await begun();
    await patch(url, 0, 'Hello');
    await expect(world.field.redeem(tokenOf(url), FOR)).rejects.toMatchObject({ code: 'not-found' });
    await patch(url, 5, TEXT.slice(5));
    expect(await textOf(url)).toBe(TEXT);
    await expect(world.field.redeem(tokenOf(url), FOR)).rejects.toMatchObject({ code: 'intent-lost' });
    for (const late of [await send('HEAD', url), await patch(url, 12, ''), await patch(url, 0, TEXT)])
      expect(late.status).toBe(410);
    expect((await send('DELETE', url)).status).toBe(410);
    expect(await left()).toHaveLength(1);
  });

  test('that was given up is gone, and so is one whose time is over', async () => {
    const url = await begun();
    await patch(url, 0, 'Hello');
    await send('DELETE', url);
    expect(await left()).toEqual([]);
    handler = world.handler({ keepSeconds: 2 });
    const [half, whole] = [await begun(), await begun()];
    await patch(half, 0, 'Hello');
    await patch(whole, 0, TEXT);
    expect(await world.names()).toHaveLength(3);
    await expect.poll(async () => (await send('HEAD', whole)).status, { timeout: 15_000 }).toBe(410);
    await expect.poll(left, { timeout: 15_000 }).toEqual([]);
    for (const address of [half, whole]) {
      expect((await patch(address, 5, TEXT.slice(5))).status).toBe(410);
      await expect(world.field.redeem(tokenOf(address), FOR)).rejects.toMatchObject({ code: 'intent-lost' });
    }
    expect(await world.journal.entries()).toEqual([]);
  });

  test('that ends while its bytes come leaves nothing', async () => {
    const url = await begun();
    const hanging = hangingAfter('Hello');
    const old = patch(url, 0, hanging.stream);
    await hanging.isRead;
    expect((await send('DELETE', url)).status).toBe(204);
    expect((await old).status).toBeGreaterThanOrEqual(400);
    expect(await left()).toEqual([]);
  });
});

describe('nobody uploads', () => {
  const methods = ['POST', 'HEAD', 'PATCH', 'DELETE'];
  const status = async (url: string, method: string, options: SomeTusOptions): Promise<number> => {
    handler = world.handler(options);
    const sent = { ...PIECE, 'upload-offset': '0', 'upload-length': '12' };
    const to = method === 'POST' ? BASE : url;
    return (await send(method, to, sent, method === 'HEAD' ? undefined : TEXT)).status;
  };

  test.each(methods)('by %s where authorize is not given, or does not say true', async method => {
    const url = await begun();
    expect(await status(url, method, { authorize: undefined })).toBe(403);
    expect(await status(url, method, { authorize: () => false })).toBe(403);
    expect(await status(url, method, { authorize: async () => 'yes' as unknown as boolean })).toBe(403);
    const login = (): Response => new Response(null, { status: 401 });
    expect(await status(url, method, { authorize: login })).toBe(401);
    expect(await status(url, method, { user: () => '' })).toBe(403);
  });

  test.each(methods.slice(1))('to the upload of somebody else by %s', async method => {
    const url = await begun();
    expect(await status(url, method, { user: () => 'bob' })).toBe(404);
    handler = world.handler();
    expect((await shown(url))['upload-offset']).toBe('0');
  });

  test.each(methods)('from a page of another origin by %s', async method => {
    const url = await begun();
    const sent = { ...PIECE, 'upload-offset': '0', 'upload-length': '12', origin: 'https://evil.example' };
    const to = method === 'POST' ? BASE : url;
    expect((await send(method, to, sent, method === 'HEAD' ? undefined : TEXT)).status).toBe(403);
  });

  test('to an address that is not exactly that of an upload', async () => {
    const url = await begun();
    await patch(url, 0, 'Hello');
    const token = tokenOf(url);
    const others = [
      ...alteredTokens([token, tokenOf(await begun())], 150),
      ...[
        `${token}%00`,
        `%00${token}`,
        `x%2f${token}`,
        `..%2f${token}`,
        `${token}%2f`,
        `${token}/`,
        `x/${token}`,
      ],
      ...[`${token}%2e`, token.replace('.', '%2e'), '%2e%2e%2f%2e%2e%2fetc%2fpasswd', '.', 'a.', '.a'],
    ];
    for (const altered of others) {
      const raw = altered.includes('%') ? altered : encodeURIComponent(altered);
      const path = `${BASE}${raw}`;
      // What a browser or a server makes another path of never comes here.
      if (raw === '' || new URL(path).href === url) continue;
      for (const method of ['HEAD', 'PATCH', 'DELETE']) {
        const body = method === 'HEAD' ? undefined : TEXT.slice(5);
        const response = await send(method, path, { ...PIECE, 'upload-offset': '5' }, body);
        expect([raw, method, response.status]).toEqual([
          raw,
          method,
          expect.toSatisfy(code => code === 404 || code === 405),
        ]);
        expect(response.headers.get('content-type')).toBe('application/problem+json');
      }
    }
    expect((await shown(url))['upload-offset']).toBe('5');
  });

  test('more than a file may have', async () => {
    handler = world.handler({ maxFileBytes: 12 });
    const options = await send('OPTIONS', BASE);
    expect(options.headers.get('tus-max-size')).toBe('12');
    expect((await send('POST', BASE, { 'upload-length': '13' })).status).toBe(413);
    const url = await begun({ 'upload-defer-length': '1' });
    expect((await patch(url, 0, 'Hello', { 'upload-length': '13' })).status).toBe(413);
    expect((await patch(url, 0, `${TEXT}x`)).status).toBe(413);
    expect((await patch(url, 0, streamOf(`${TEXT}x`))).status).toBe(413);
    expect((await shown(url))['upload-offset']).toBe('0');
  });
});

describe('pages of other origins', () => {
  const origins = ['https://app.example.com'];
  const origin = 'https://app.example.com';

  test('ask beforehand, and read the answer, where they may', async () => {
    handler = world.handler({ origins, credentials: true, requestHeaders: ['authorization'] });
    const asked = await send('OPTIONS', BASE, {
      origin,
      'access-control-request-method': 'PATCH',
      'tus-resumable': undefined,
    });
    expect(asked.status).toBe(204);
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'POST, HEAD, PATCH, DELETE, OPTIONS',
      'access-control-allow-headers': expect.stringMatching(/upload-offset.*authorization/),
    });
    const response = await send('POST', BASE, { origin, 'upload-length': '12' });
    expect(response.status).toBe(201);
    expect(response.headers.get('access-control-expose-headers')).toMatch(/location.*upload-offset/);
  });
});

test.each<[string, Partial<Record<keyof TusOptions, unknown>>]>([
  ['no field', { field: undefined }],
  ['no user', { user: undefined }],
  ['a baseUrl that is none', { baseUrl: 'uploads' }],
  ['an endless time', { keepSeconds: Number.POSITIVE_INFINITY }],
  ['a limit below 1', { maxFileBytes: 0 }],
  ['an origin with a path', { origins: ['https://example.com/a'] }],
  ['credentials of everybody', { origins: '*', credentials: true }],
  ['an option that there is not', { maxBytes: 1 } as object],
])('takes no options with %s', (_, options) => {
  expect(() => world.handler(options as SomeTusOptions)).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  );
});

const streamOf = (text: string): ReadableStream<Uint8Array> =>
  new Response(text).body as ReadableStream<Uint8Array>;

/** A body whose connection breaks. */
function cutAfter(text: string): ReadableStream<Uint8Array> {
  let isSent = false;
  return new ReadableStream(
    {
      pull(controller) {
        if (isSent) controller.error(new Error('the connection was reset'));
        else controller.enqueue(new TextEncoder().encode(text));
        isSent = true;
      },
    },
    { highWaterMark: 0 },
  );
}

/** A body of which nothing more comes. */
function hangingAfter(text: string): {
  readonly stream: ReadableStream<Uint8Array>;
  readonly isRead: Promise<void>;
} {
  const { promise: isRead, resolve } = Promise.withResolvers<void>();
  let isSent = false;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (isSent) {
          resolve();
          return new Promise(() => {});
        }
        controller.enqueue(new TextEncoder().encode(text));
        isSent = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, isRead };
}
