import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineFiles, isFieldFileError, model, upload } from '@fieldfile/core';
import { recover } from '@fieldfile/core/journal';
import { SqliteJournal } from '@fieldfile/core/node';
import { MemoryStorage } from '@fieldfile/memory';
import { MemoryTable } from '@fieldfile/memory/table';
import { Hono } from 'hono';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Tokens } from '../src/index.ts';
import { toNodeHandler } from '../src/node.ts';
import { formToken, type ReceiveProgress, receive, uploads } from '../src/receive.ts';
import { listen } from './listen.ts';

interface Row {
  id: number;
  avatar: string | null;
}

interface Express extends Record<'json' | 'text' | 'raw', () => object> {
  (): { use(...handlers: readonly object[]): RequestListener };
}
/** It has no types of its own. */
const express: Express = createRequire(import.meta.url)('express');

const folder = mkdtempSync(join(tmpdir(), 'fieldfile-receive-'));
afterAll(() => rmSync(folder, { recursive: true }));

let storage: MemoryStorage;
let journal: SqliteJournal;
let table: MemoryTable<Row>;
let fields: ReturnType<typeof declare>;

function declare() {
  return defineFiles(
    model<Row>()('user', 'id'),
    { avatar: { storage, columns: {}, maxSizeBytes: 10_000_000 } },
    table.binding,
  );
}

let count = 0;
beforeEach(() => {
  storage = new MemoryStorage();
  journal = new SqliteJournal(join(folder, `journal-${count++}`));
  table = new MemoryTable<Row>({ key: ['id'], files: ['avatar'], journal });
  fields = declare();
});

const servers: AsyncDisposable[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

const names = (): Promise<string[]> => Array.fromAsync(storage.list(), ({ name }) => String(name));

/** Names that are there once recovery has looked. */
async function recovered(): Promise<string[]> {
  await recover(journal);
  return names();
}

function formOf(parts: Readonly<Record<string, string | File | readonly (string | File)[]>>): FormData {
  const form = new FormData();
  for (const [name, values] of Object.entries(parts))
    for (const value of [values].flat()) form.append(name, value);
  return form;
}

const file = (name = 'a.txt', content: string | Uint8Array<ArrayBuffer> = 'content'): File =>
  new File([content], name, { type: 'text/plain' });

/** With a body of bytes: undici's own of a `FormData` does not bear to be given up. */
async function post(form: FormData, headers: Record<string, string> = {}): Promise<Request> {
  const whole = new Response(form);
  const type = whole.headers.get('content-type') ?? '';
  const body = await whole.arrayBuffer();
  const length = String(body.byteLength);
  return new Request('http://localhost/upload', {
    method: 'POST',
    body,
    headers: { 'content-type': type, 'content-length': length, ...headers },
  });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    error => error,
  );
  return isFieldFileError(error) ? error.code : String(error);
}

describe('a form', () => {
  test('gives files and texts, one or several, in an object without a prototype', async () => {
    const { avatar } = fields;
    const declared = {
      avatar,
      pages: [avatar],
      title: 'text',
      tags: ['text'],
      missing: 'text',
      none: ['text'],
    } as const;
    const received = await receive(
      await post(
        formOf({
          title: 'größe',
          tags: ['a', 'b'],
          other: 'passed over',
          avatar: file('grö"ße.txt', new Uint8Array(300_000)),
          pages: [file('x.txt', 'x'), file('y.txt', '')],
        }),
      ),
      { fields: declared },
    );
    expect(Object.getPrototypeOf(received)).toBe(null);
    expect(Object.keys(received)).toEqual(Object.keys(declared));
    expect(received.avatar?.staged).toMatchObject({ originalName: 'grö"ße.txt', sizeBytes: 300_000 });
    expect(received.pages.map(({ staged }) => staged.sizeBytes)).toEqual([1, 0]);
    const { title, tags, missing, none } = received;
    expect({ title, tags, missing, none }).toEqual({
      title: 'größe',
      tags: ['a', 'b'],
      missing: undefined,
      none: [],
    });
    await received[Symbol.asyncDispose]();
    expect(await names()).toEqual([]);
  });

  test('tells how far it has come', async () => {
    const seen: ReceiveProgress[] = [];
    const request = await post(formOf({ avatar: file('a.txt', 'x'.repeat(200_000)) }));
    const totalBytes = Number(request.headers.get('content-length'));
    await using received = await receive(request, {
      fields: { avatar: fields.avatar },
      onProgress: progress => seen.push(progress),
    });
    expect(received.avatar).toBeDefined();
    expect(seen.at(-1)).toEqual({ receivedBytes: totalBytes, totalBytes });
  });

  test('has the digest of a file where its field keeps one', async () => {
    const { avatar } = defineFiles(model<Row & { digest: string | null }>()('digested', 'id'), {
      avatar: { storage, columns: { digest: 'digest' } },
    });
    await using received = await receive(await post(formOf({ avatar: file() })), { fields: { avatar } });
    expect(received.avatar?.staged.sha256).toBe(createHash('sha256').update('content').digest('base64'));
  });
});

describe('what came', () => {
  const into = async (row: Row, form: FormData): Promise<void> => {
    await using received = await receive(await post(form), { fields: { avatar: fields.avatar } });
    if (received.avatar) fields.avatar.set(row, received.avatar);
    await table.insert(row);
  };

  test('is a row`s, and stays', async () => {
    const row: Row = { id: 1, avatar: null };
    await into(row, formOf({ avatar: file() }));
    expect(await names()).toEqual(['a.txt']);
    expect(await fields.avatar.of(row).stored?.text()).toBe('content');
    expect(await journal.entries()).toEqual([]);
  });

  test('and was assigned to a row that is not written is taken back', async () => {
    const row: Row = { id: 1, avatar: null };
    const failing = async (): Promise<void> => {
      await using received = await receive(await post(formOf({ avatar: file() })), {
        fields: { avatar: fields.avatar },
      });
      if (received.avatar) fields.avatar.set(row, received.avatar);
      throw new Error('something else was wrong');
    };
    await expect(failing()).rejects.toThrow('something else');
    expect(await names()).toEqual([]);
    expect(await journal.entries()).toEqual([]);
    expect(await codeOf(upload(row))).toBe('intent-lost');
  });

  test('before something was refused is taken back', async () => {
    const form = formOf({ avatar: file(), pages: [file('b.txt'), file('c.txt')] });
    const refused = receive(await post(form), {
      fields: { avatar: fields.avatar, pages: [fields.avatar] },
      limits: { maxFiles: 2 },
    });
    expect(await codeOf(refused)).toBe('too-many-files');
    expect(await names()).toEqual([]);
    expect(await journal.entries()).toEqual([]);
  });

  test('is left to recovery where its process dies', async () => {
    await receive(await post(formOf({ avatar: file() })), {
      fields: { avatar: fields.avatar },
      keepSeconds: 0.01,
    });
    expect(await names()).toEqual(['a.txt']);
    await expect.poll(recovered).toEqual([]);
  });

  test('without a journal is taken back where nobody has assigned it', async () => {
    const { avatar } = defineFiles(model<Row>()('plain', 'id'), { avatar: { storage } });
    const row: Row = { id: 1, avatar: null };
    {
      await using received = await receive(await post(formOf({ avatar: file(), other: [file('b.txt')] })), {
        fields: { avatar, other: avatar },
      });
      if (received.avatar) avatar.set(row, received.avatar);
      await upload(row);
    }
    expect(await names()).toEqual(['a.txt']);
  });
});

describe('a form that is shown again', () => {
  const tokens = new Tokens({ secrets: 'a secret that nobody else here knows' });
  const options = () => ({ fields: { avatar: fields.avatar }, tokens, user: 'ann' });

  const first = async (): Promise<string> => {
    await using received = await receive(await post(formOf({ avatar: file() })), options());
    if (!received.avatar) throw new Error('nothing came');
    return formToken(received.avatar, { tokens, user: 'ann' });
  };

  test('keeps its file by a token, for one row', async () => {
    const token = await first();
    expect(await names()).toEqual(['a.txt']);
    for (const again of ['still wrong', 'at last']) {
      await using received = await receive(await post(formOf({ avatar: token })), options());
      expect(received.avatar?.staged).toMatchObject({ originalName: 'a.txt', sizeBytes: 7 });
      if (again !== 'at last') continue;
      const row: Row = { id: 1, avatar: null };
      if (received.avatar) fields.avatar.set(row, received.avatar);
      await table.insert(row);
      expect(row.avatar).toBe('a.txt');
    }
    await using received = await receive(await post(formOf({ avatar: token })), options());
    const other: Row = { id: 2, avatar: null };
    if (received.avatar) fields.avatar.set(other, received.avatar);
    expect(await codeOf(table.insert(other))).toBe('intent-lost');
    expect(await names()).toEqual(['a.txt']);
  });

  test('keeps what was computed of its file, too', async () => {
    const compute = async (): Promise<{ words: number }> => ({ words: 2 });
    const { avatar } = defineFiles(
      model<Row & { words: number | null }>()('user', 'id'),
      { avatar: { storage, computed: { columns: { words: 'words' }, compute } } },
      table.binding as never,
    );
    const asked = { fields: { avatar }, tokens, user: 'ann' };
    const token = await (async () => {
      await using received = await receive(await post(formOf({ avatar: file() })), asked);
      return received.avatar && formToken(received.avatar, { tokens, user: 'ann' });
    })();
    await using again = await receive(await post(formOf({ avatar: token ?? '' })), asked);
    expect(again.avatar?.staged.computed).toEqual({ words: 2 });
    const row = { id: 1, avatar: null, words: null };
    if (again.avatar) avatar.set(row, again.avatar);
    await table.insert(row);
    expect(row).toMatchObject({ avatar: 'a.txt', words: 2 });
  });

  test.each(['before', 'after'])('takes a file that was chosen instead, %s the token', async order => {
    const token = await first();
    const chosen = file('b.txt');
    const values = order === 'before' ? [chosen, token] : [token, chosen];
    await using received = await receive(await post(formOf({ avatar: values })), options());
    expect(received.avatar?.staged.originalName).toBe('b.txt');
  });

  test('ends with its time', async () => {
    const token = await (async () => {
      await using received = await receive(await post(formOf({ avatar: file() })), {
        ...options(),
        keepSeconds: 1,
      });
      if (!received.avatar) throw new Error('nothing came');
      return formToken(received.avatar, { tokens, user: 'ann' });
    })();
    await expect.poll(recovered, { timeout: 5000 }).toEqual([]);
    expect(await codeOf(receive(await post(formOf({ avatar: token })), options()))).toBe('permission');
  });

  test('takes no token of another user, field, secret, or that was altered', async () => {
    const token = await first();
    const { avatar } = defineFiles(model<Row>()('other', 'id'), { avatar: { storage } }, table.binding);
    const sent = () => post(formOf({ avatar: token }));
    const others = [
      receive(await sent(), { ...options(), user: 'bob' }),
      receive(await sent(), { fields: { avatar: fields.avatar }, tokens }),
      receive(await sent(), { fields: { avatar: fields.avatar }, user: 'ann' }),
      receive(await sent(), { ...options(), fields: { avatar } }),
      receive(await sent(), {
        ...options(),
        tokens: new Tokens({ secrets: 'another secret that nobody here knows' }),
      }),
      receive(await post(formOf({ avatar: `${token}x` })), options()),
      receive(await post(formOf({ avatar: 'a.txt' })), options()),
    ];
    for (const other of others) expect(await codeOf(other)).toBe('permission');
    expect(await names()).toEqual(['a.txt']);
  });

  test('needs a journal', async () => {
    const { avatar } = defineFiles(model<Row>()('plain', 'id'), { avatar: { storage } });
    await using received = await receive(await post(formOf({ avatar: file() })), { fields: { avatar } });
    expect(() => received.avatar && formToken(received.avatar, { tokens })).toThrow(/journal/);
  });
});

describe('the handler', () => {
  const handler = (more: Partial<Parameters<typeof uploads>[0]> = {}) =>
    uploads({
      authorize: () => true,
      fields: { avatar: fields.avatar },
      handle: () => new Response(null, { headers: { location: '/1' } }),
      ...(more as object),
    });

  test('asks who may upload before it reads, and denies without an answer', async () => {
    const denied = [{ authorize: undefined }, { authorize: () => false }, { authorize: () => 1 as never }];
    for (const more of denied) {
      const request = await post(formOf({ avatar: file() }));
      const answer = await handler(more as object)(request);
      expect([answer.status, request.bodyUsed]).toEqual([403, true]); // given up, not read
    }
    const signIn = new Response('sign in', { status: 401 });
    expect(await handler({ authorize: () => signIn })(await post(formOf({})))).toBe(signIn);
    expect(await names()).toEqual([]);
  });

  test('takes back what its rows did not take, whatever becomes of it', async () => {
    expect((await handler()(await post(formOf({ avatar: file() })))).status).toBe(200);
    const failing = handler({
      handle: () => Promise.reject(new Error('the database is down')),
      onError: () => {},
    });
    expect((await failing(await post(formOf({ avatar: file() })))).status).toBe(500);
    expect(await names()).toEqual([]);
  });

  const origins = ['https://app.example.com'];
  const asked = (origin: string): Request =>
    new Request('http://localhost/', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });

  test('answers what pages of other origins ask beforehand', async () => {
    const open = handler({ origins, credentials: true, requestHeaders: ['authorization'] });
    const answer = await open(asked('https://app.example.com'));
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'POST, PUT',
      'access-control-allow-headers': expect.stringMatching(/content-type.*authorization/),
      vary: 'origin',
    });
    const foreign = await open(asked('https://evil.example'));
    expect([...foreign.headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([]);
    expect(foreign.headers.get('vary')).toBe('origin');
    const closed = await handler()(asked('https://app.example.com'));
    expect([...closed.headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([]);
  });

  test('lets them read answers, errors and redirects too', async () => {
    const open = handler({ origins, credentials: true, responseHeaders: ['x-id'] });
    const from = { origin: 'https://app.example.com', 'sec-fetch-site': 'cross-site' };
    const expected = {
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'location, retry-after, x-id',
    };
    const answer = await open(await post(formOf({ avatar: file() }), from));
    expect([answer.status, Object.fromEntries(answer.headers)]).toMatchObject([200, expected]);
    const error = await open(await post(formOf({ avatar: [file(), file()] }), from));
    expect([error.status, Object.fromEntries(error.headers)]).toMatchObject([413, expected]);
    const redirecting = handler({ origins, handle: () => Response.redirect('http://localhost/done', 303) });
    const redirect = await redirecting(await post(formOf({ avatar: file() }), from));
    expect([redirect.status, redirect.headers.get('access-control-allow-origin')]).toEqual([
      303,
      from.origin,
    ]);
    expect(redirect.headers.has('access-control-allow-credentials')).toBe(false);
  });

  test('refuses pages of other origins before it asks anything', async () => {
    let isAsked = false;
    const authorize = () => {
      isAsked = true;
      return true;
    };
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const answer = await handler({ authorize, origins })(await post(formOf({ avatar: file() }), headers));
    expect([answer.status, (await answer.json()).code, isAsked]).toEqual([403, 'cross-origin', false]);
    expect(answer.headers.has('access-control-allow-origin')).toBe(false);
  });

  test.each<[string, object]>([
    ['no fields', { fields: { avatar: 'file' } }],
    ['a field that there is not', { raw: 'other' }],
    ['a limit that there is not', { limits: { maxFile: 1 } }],
    ['a limit that is none', { limits: { maxFiles: 0 } }],
    ['an origin with a path', { origins: ['https://a.example/'] }],
    ['credentials for everybody', { origins: '*', credentials: true }],
    ['an option that there is not', { origin: [] }],
    ['no handle', { handle: undefined }],
    ['authorize that is none', { authorize: true }],
  ])('cannot be made with %s', (_, more) => {
    expect(() => handler(more)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});

describe('a body that somebody has read before', () => {
  const receiving = (request: Request): Promise<Response> =>
    uploads({
      authorize: () => true,
      fields: { avatar: fields.avatar },
      raw: 'avatar',
      handle: () => new Response('received'),
      onError: error => void seen.push(error),
    })(request);
  const seen: unknown[] = [];
  beforeEach(() => void seen.splice(0));

  const ask = async (app: RequestListener, init: RequestInit): Promise<number> => {
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push({
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections();
        await new Promise(resolve => server.close(resolve));
      },
    });
    const { port } = server.address() as AddressInfo;
    return (await fetch(`http://127.0.0.1:${port}/a.txt`, { method: 'POST', ...init })).status;
  };

  test('is named: by a body parser of Express`s', async () => {
    const types = { json: 'application/json', text: 'text/plain', raw: 'application/octet-stream' } as const;
    for (const [parser, type] of Object.entries(types)) {
      const app = express().use(express[parser as keyof typeof types](), toNodeHandler(receiving));
      expect(await ask(app, { body: '{}', headers: { 'content-type': type } })).toBe(500);
      expect(seen.pop()).toMatchObject({
        code: 'content-consumed',
        message: expect.stringContaining('Express'),
      });
    }
  });

  test('is named: by another reader of the form', async () => {
    const request = await post(formOf({ avatar: file() }));
    await request.formData();
    expect((await receiving(request)).status).toBe(500);
    expect(seen).toMatchObject([{ code: 'content-consumed', message: expect.stringContaining('parseBody') }]);
  });

  test('is named: by Hono`s parseBody', async () => {
    const app = new Hono();
    app.use(async (context, next) => {
      await context.req.parseBody();
      return next();
    });
    app.post('/upload', context => receiving(context.req.raw));
    expect((await app.request(await post(formOf({ avatar: file() })))).status).toBe(500);
    expect(seen).toMatchObject([{ code: 'content-consumed', message: expect.stringContaining('parseBody') }]);
  });

  test('and cut at 10 MB is named, too', async () => {
    const whole = await post(formOf({ avatar: file('a.txt', 'x'.repeat(11 * 1024 ** 2)) }));
    const body = (await whole.arrayBuffer()).slice(0, 10 * 1024 ** 2);
    const request = new Request(whole.url, { method: 'POST', body, headers: whole.headers });
    const { avatar } = defineFiles(model<Row>()('large', 'id'), { avatar: { storage } });
    await expect(receive(request, { fields: { avatar } })).rejects.toMatchObject({
      code: 'malformed-request',
      message: expect.stringContaining('Next cuts bodies'),
    });
  });
});

describe('a client', () => {
  const BOUNDARY = 'boundary';
  const head = (length: number): string =>
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: ${length}\r\n\r\n` +
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="avatar"; filename="a.txt"\r\n\r\n`;

  test('that sends on is answered at once, and gets the answer', async () => {
    const { avatar } = defineFiles(model<Row>()('small', 'id'), { avatar: { storage, maxSizeBytes: 1000 } });
    await using site = await listen(
      uploads({ authorize: () => true, fields: { avatar }, handle: () => new Response() }),
    );
    const socket = connect(Number(new URL(site.origin).port), '127.0.0.1');
    let text = '';
    const answered = Promise.withResolvers<void>();
    socket.setEncoding('latin1').on('data', chunk => {
      text += chunk;
      if (text.includes('too-large')) answered.resolve();
    });
    socket.once('error', answered.reject);
    socket.write(head(1e9));
    let isAnswered = false;
    answered.promise.then(() => {
      isAnswered = true;
    });
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let sentBytes = 0;
    while (!isAnswered && sentBytes < 5e8) {
      sentBytes += chunk.byteLength;
      if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), answered.promise]);
    }
    await answered.promise;
    expect(text).toMatch(/^HTTP\/1\.1 413 .*\r\n(?:.*\r\n)*connection: close\r\n/i);
    // It sends still: nothing is reset, so whoever reads after having sent gets the answer, too.
    for (let more = 0; more < 20; more++) if (!socket.write(chunk)) await once(socket, 'drain');
    socket.end();
    await once(socket, 'close');
    expect(await names()).toEqual([]);
  });

  test('that goes on for ever is not listened to for ever', async () => {
    await using site = await listen(async () => Response.json({ no: 'thanks' }, { status: 401 }));
    const socket = connect(Number(new URL(site.origin).port), '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', chunk => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.write(head(1e12));
    await once(socket, 'close'); // silent for a while: then the server ends it
    expect(text).toMatch(/^HTTP\/1\.1 401 /);
    expect(text).toMatch(/\r\n\r\n\{"no":"thanks"\}$/);
  });

  test('that leaves in the middle of a file leaves nothing', async () => {
    const seen = Promise.withResolvers<unknown>();
    await using site = await listen(
      uploads({
        authorize: () => true,
        fields: { avatar: fields.avatar },
        handle: () => new Response(),
        onError: seen.resolve,
      }),
    );
    const socket = connect(Number(new URL(site.origin).port), '127.0.0.1');
    socket.write(head(1e6));
    socket.write(Buffer.alloc(100_000, 'x'));
    await expect.poll(() => journal.entries()).not.toEqual([]);
    socket.destroy();
    await expect.poll(() => journal.entries()).toEqual([]);
    expect(await names()).toEqual([]);
  });
});
