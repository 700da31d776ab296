import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { defineFiles, model, storages } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { type Digest, FieldFileError, type OpenedObject } from '@fieldfile/storage';
import { describe, expect, test } from 'vitest';
import type { ServeOptions } from './options.ts';
import type { Servable, ServableContent } from './servable.ts';
import { serve } from './serve.ts';

const ask = (
  file: Servable,
  headers: Record<string, string> = {},
  options: ServeOptions = {},
  method = 'GET',
) => serve(new Request('http://app.example/file', { method, headers }), file, options);

/** Content of one's own that counts what is open. */
function content(bytes: Uint8Array, more: Partial<ServableContent['info']> = {}) {
  const open = { now: 0, times: 0 };
  const file: ServableContent = {
    info: { sizeBytes: bytes.byteLength, version: 'v1', name: 'own.bin', ...more },
    open(range) {
      open.now += 1;
      open.times += 1;
      let left: Uint8Array | undefined = bytes.slice(range?.start ?? 0, range?.endExclusive);
      return new ReadableStream({
        pull(controller) {
          if (left && left.byteLength > 0) controller.enqueue(left);
          else {
            open.now -= 1;
            controller.close();
          }
          left = undefined;
        },
        cancel() {
          open.now -= 1;
        },
      });
    },
  };
  return { file, open };
}

const bytes = Uint8Array.from({ length: 100 }, (_, index) => index);

describe('what can be served', () => {
  interface Row {
    id: number;
    avatar: string | null;
  }
  const users = defineFiles(model<Row>()('served-user', 'id'), { avatar: {} });

  test('a handle of a row, and one without a file is 404', async () => {
    using _ = storages.override('default', new MemoryStorage());
    const row: Row = { id: 1, avatar: null };
    const avatar = users.avatar.of(row);
    expect((await ask(avatar)).status).toBe(404);
    await avatar.save(new File(['picture'], 'me.png', { type: 'image/png' }));
    const response = await ask(avatar);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(response.headers.get('content-disposition')).toBe('inline; filename="me.png"');
    expect(await response.text()).toBe('picture');
  });

  test('an object of a storage', async () => {
    const storage = new MemoryStorage();
    const name = await storage.save('a/b.txt', 'hello');
    const response = await ask({ storage, name }, { range: 'bytes=1-2' });
    expect([response.status, await response.text()]).toEqual([206, 'el']);
  });

  test('content of one`s own, in parts too', async () => {
    const { file, open } = content(bytes);
    expect(new Uint8Array(await (await ask(file)).arrayBuffer())).toEqual(bytes);
    const part = await ask(file, { range: 'bytes=10-19' });
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.slice(10, 20));
    const parts = await ask(file, { range: 'bytes=0-1,50-51' });
    expect((await parts.arrayBuffer()).byteLength).toBe(Number(parts.headers.get('content-length')));
    expect(open.now).toBe(0);
  });

  test('content of unknown length is sent whole, whatever range is asked for', async () => {
    const { file } = content(bytes);
    const { sizeBytes: _, ...info } = file.info;
    const response = await ask({ ...file, info }, { range: 'bytes=0-9' });
    expect(response.status).toBe(200);
    expect(response.headers.get('accept-ranges')).toBe('none');
    expect(response.headers.get('content-length')).toBeNull();
    expect((await response.arrayBuffer()).byteLength).toBe(100);
  });

  test.each([99, 101])('content that has %i bytes instead of 100 breaks', async length => {
    const { file } = content(new Uint8Array(length));
    const response = await ask({ ...file, info: { sizeBytes: 100 } });
    await expect(response.arrayBuffer()).rejects.toThrow(expect.objectContaining({ code: 'integrity' }));
  });

  test.each([
    { sizeBytes: -1 },
    { sizeBytes: Number.NaN },
    { sizeBytes: 1.5 },
    { lastModified: new Date('x') },
  ])('content that says %j of itself is an error of the server', async info => {
    const told: unknown[] = [];
    const { file } = content(bytes, info);
    expect((await ask(file, {}, { onError: error => told.push(error) })).status).toBe(500);
    expect(told).toEqual([expect.objectContaining({ code: 'invalid-argument' })]);
  });

  test('nothing is opened for HEAD, 304, 412 and 416', async () => {
    const { file, open } = content(bytes);
    expect((await ask(file, {}, {}, 'HEAD')).headers.get('content-length')).toBe('100');
    expect((await ask(file, { 'if-none-match': '"v1"' })).status).toBe(304);
    expect((await ask(file, { 'if-match': '"v2"' })).status).toBe(412);
    expect((await ask(file, { range: 'bytes=100-' })).status).toBe(416);
    expect(open.times).toBe(0);
  });

  test('a body that is cancelled is closed, between its parts too', async () => {
    const { file, open } = content(bytes);
    for (const headers of [{}, { range: 'bytes=0-1' }, { range: 'bytes=0-1,50-51' }] as Record<
      string,
      string
    >[]) {
      const response = await ask(file, headers);
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      await reader.read();
      await reader.cancel();
      expect(open.now).toBe(0);
    }
  });
});

describe('an object that is replaced between the look and the reading', () => {
  const replaced = (): FieldFileError =>
    new FieldFileError('precondition', 'replaced', { operation: 'read' });

  /** A handle whose first readings find another version. */
  function changing(storage: MemoryStorage, name: string, times: number) {
    let left = times;
    const file = {
      name,
      info: () => storage.info(name),
      async open(options = {}): Promise<OpenedObject> {
        if (left-- > 0) {
          await storage.replace(name, `version ${left}`);
          throw replaced();
        }
        return storage.open(name, options);
      },
    };
    return { stored: file };
  }

  test('is looked at again', async () => {
    const storage = new MemoryStorage();
    const name = await storage.save('a.txt', 'old');
    const response = await ask(changing(storage, name, 2), { 'if-none-match': '"other"' });
    expect([response.status, await response.text()]).toEqual([200, 'version 0']);
  });

  test('is an error where that goes on', async () => {
    const storage = new MemoryStorage();
    const name = await storage.save('a.txt', 'old');
    expect((await ask(changing(storage, name, 99), { 'if-none-match': '"other"' })).status).toBe(412);
  });

  test('is never mixed: parts of another version break the body', async () => {
    const storage = new MemoryStorage();
    const name = await storage.save('a.txt', 'a'.repeat(100));
    const response = await ask({ storage, name }, { range: 'bytes=0-9,50-59' });
    await storage.replace(name, 'b'.repeat(100));
    await expect(response.text()).rejects.toThrow(expect.objectContaining({ code: 'precondition' }));
  });
});

describe('headers', () => {
  const storage = new MemoryStorage();

  test('a digest that is known is told, of the whole in a part too', async () => {
    const base64 = createHash('sha256').update(bytes).digest('base64');
    const digest: Digest = { algorithm: 'sha256', base64 };
    const { file } = content(bytes);
    for (const response of [
      await ask(file, {}, { digest }),
      await ask(file, { range: 'bytes=0-9' }, { digest }),
      await ask(content(bytes, { digest }).file),
    ])
      expect(response.headers.get('repr-digest')).toBe(`sha-256=:${base64}:`);
    expect(
      (await ask(file, {}, { digest: { algorithm: 'md5', base64: 'x' } })).headers.has('repr-digest'),
    ).toBe(false);
  });

  test('caching is private, immutable, or as the application says', async () => {
    const { file } = content(bytes);
    const cacheControl = async (options: ServeOptions) =>
      (await ask(file, {}, options)).headers.get('cache-control');
    expect(await cacheControl({})).toBe('private, no-cache');
    expect(await cacheControl({ immutable: true })).toBe('private, max-age=31536000, immutable');
    expect(await cacheControl({ cacheControl: 'public, max-age=60', immutable: true })).toBe(
      'public, max-age=60',
    );
    const unchanged = await ask(
      file,
      { 'if-none-match': '"v1"' },
      { cacheControl: 'public', vary: ['accept', 'cookie'] },
    );
    expect(unchanged.headers.get('cache-control')).toBe('public');
    expect(unchanged.headers.get('vary')).toBe('accept, cookie');
  });

  test('a time that is yet to come is told as now', async () => {
    const { file } = content(bytes, { lastModified: new Date(Date.now() + 86_400_000) });
    const told = Date.parse((await ask(file)).headers.get('last-modified') ?? '');
    expect(told).toBeLessThanOrEqual(Date.now());
  });

  test('what is stored compressed is sent as the content', async () => {
    const gzip = new MemoryStorage({ gzip: { contentTypes: ['text/plain'] } });
    const name = await gzip.save('a.txt', 'hello '.repeat(100), { contentType: 'text/plain' });
    const response = await ask({ storage: gzip, name }, { range: 'bytes=0-4' });
    expect(response.status).toBe(200);
    expect(response.headers.has('content-encoding')).toBe(false);
    expect(response.headers.has('content-length')).toBe(false);
    expect(await response.text()).toBe('hello '.repeat(100));
  });

  test('an encoding that no storage decodes is told', async () => {
    const packed = gzipSync('x');
    const { file } = content(packed, { contentEncoding: 'br' });
    expect((await ask(file)).headers.get('content-encoding')).toBe('br');
  });

  test('a document is shown nowhere but on the file host, and there in a sandbox', async () => {
    const name = await storage.save('a.svg', '<svg/>', { contentType: 'image/svg+xml' });
    const inline = ['image/svg+xml'];
    const own = await ask(
      { storage, name },
      {},
      { inline, disposition: 'inline', fileHost: 'files.example' },
    );
    expect(own.headers.get('content-disposition')).toMatch(/^attachment/);
    const elsewhere = await ask(
      { storage, name },
      { host: 'FILES.example' },
      { inline, fileHost: 'files.example' },
    );
    expect(elsewhere.headers.get('content-disposition')).toMatch(/^inline/);
    expect(elsewhere.headers.get('content-security-policy')).toMatch(/sandbox/);
    const always = await ask({ storage, name }, {}, { fileHost: true });
    expect(always.headers.get('content-disposition')).toMatch(/^attachment/);
  });

  test('PDF is shown by option, without a sandbox, which its viewer does not start in', async () => {
    const name = await storage.save('a.pdf', '%PDF', { contentType: 'application/pdf' });
    const shown = await ask({ storage, name }, {}, { inline: ['application/pdf'] });
    expect(shown.headers.get('content-disposition')).toMatch(/^inline/);
    expect(shown.headers.get('content-security-policy')).not.toMatch(/sandbox/);
  });

  test('a disposition of inline shows nothing that is not allowed, and attachment saves what is', async () => {
    const page = content(bytes, { contentType: 'text/html' }).file;
    const image = content(bytes, { contentType: 'image/png' }).file;
    const disposition = async (file: Servable, how: 'inline' | 'attachment') =>
      (await ask(file, {}, { disposition: how })).headers.get('content-disposition');
    expect(await disposition(page, 'inline')).toMatch(/^attachment/);
    expect(await disposition(image, 'attachment')).toMatch(/^attachment/);
  });
});

describe('injection', () => {
  const EVIL = [
    'a\r\nset-cookie: b=c',
    'a\nx: y',
    'a\u0000b',
    '"; x="',
    "a'; filename*=UTF-8''evil",
    'ü\ud800\u202e',
    '\u2028',
    '%0d%0ax: y',
  ];

  /** No header but those that are there without it. */
  function isClean(response: Response): void {
    expect(response.headers.has('set-cookie')).toBe(false);
    expect(response.headers.has('x')).toBe(false);
    for (const [name, value] of response.headers) expect(value, name).toMatch(/^[\t\x20-\x7e]*$/);
  }

  test.each(EVIL)('by %j in what is known of the content', async evil => {
    const infos = [
      { name: evil },
      { contentType: evil },
      { contentType: `text/plain; charset=${evil}` },
      { contentEncoding: evil },
      { version: evil },
    ];
    for (const info of infos) {
      const response = await ask(content(bytes, info).file);
      expect(response.status).toBe(200);
      isClean(response);
      isClean(await ask(content(bytes, info).file, { range: 'bytes=0-1,5-6' }));
    }
    isClean(await ask(content(bytes).file, {}, { download: evil }));
    isClean(await ask(content(bytes).file, {}, { contentType: evil }));
  });

  test('a name stays one name', async () => {
    for (const evil of EVIL) {
      const header =
        (await ask(content(bytes).file, {}, { download: evil })).headers.get('content-disposition') ?? '';
      expect(header).toMatch(/^attachment(; filename="[^"\\]*"(; filename\*=UTF-8''[\w%.~!-]*)?)?$/);
    }
  });

  test.each<ServeOptions>([
    { cacheControl: 'a\r\nx: y' },
    { vary: ['a\r\nx: y'] },
    { vary: ['a, b'] },
    { maxRanges: 0 },
    { fileHost: 'https://files.example' },
    { disposition: 'Inline' as 'inline' },
    { resourcePolicy: 'none' as 'same-site' },
    { inlined: [] } as ServeOptions,
  ])('an option that is none is refused: %j', async options => {
    await expect(ask(content(bytes).file, {}, options)).rejects.toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
  });

  test('a digest that is none is not told', async () => {
    for (const base64 of ['a\r\nx: y', 'x:, y=:', '']) {
      const response = await ask(content(bytes).file, {}, { digest: { algorithm: 'sha256', base64 } });
      isClean(response);
      expect(response.headers.has('repr-digest')).toBe(false);
    }
  });
});

test('errors of the server are told to the application, those of the client are not', async () => {
  const told: unknown[] = [];
  const options: ServeOptions = { onError: error => told.push(error) };
  const broken = {
    ...content(bytes).file,
    open: () => Promise.reject(new Error('postgres://user:secret@host')),
  };
  const response = await ask(broken, {}, options);
  expect(response.status).toBe(500);
  expect(await response.text()).not.toMatch(/secret/);
  expect(told).toEqual([expect.objectContaining({ message: expect.stringContaining('secret') })]);
  const storage = new MemoryStorage();
  expect((await ask({ storage, name: 'missing' }, {}, options)).status).toBe(404);
  expect((await ask({ storage, name: '../etc/passwd' }, {}, options)).status).toBe(400);
  expect(told.length).toBe(1);
});
