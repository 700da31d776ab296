import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AnyFileField, defineFiles, model } from '@fieldfile/core';
import { SqliteJournal } from '@fieldfile/core/node';
import { FileSystemStorage } from '@fieldfile/fs';
import { MemoryTable } from '@fieldfile/memory/table';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClaimsOptions, claims } from '../src/claims.ts';
import { mount } from '../src/index.ts';

// Claims whose file goes by one request. Those in parts are tried on S3, in apps/upload-checks and packages/browser.

const APP = 'https://app.example.com';
interface Row {
  id: number;
  file: string | null;
}

const FILE = { filename: 'a.txt', sizeBytes: 5, contentType: 'text/plain' };

let field: AnyFileField;
let media: (request: Request) => Promise<Response>;
/** What a row has that takes what was claimed. */
let kept: (token: string) => Promise<string | undefined>;
let end = (): void => {};
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'fieldfile-claims-'));
  const journal = new SqliteJournal(join(folder, 'journal'));
  const storage = new FileSystemStorage({
    ...{ root: join(folder, 'media'), baseUrl: `${APP}/media/` },
    signingKey: 'a secret of at least thirty-two bytes',
  });
  const table = new MemoryTable<Row>({
    key: ['id'],
    files: ['file'],
    journal,
  });
  const options = {
    ...{ storage, accept: ['text/*'], maxSizeBytes: 100 },
    claims: { signingKey: 'a key of claims with 32 bytes or more' },
  };
  const fields = defineFiles(model<Row>()('scan', 'id'), { file: options }, table.binding);
  field = fields.file;
  media = mount(storage);
  kept = async token => {
    const row: Row = { id: 1, file: null };
    fields.file.set(row, await fields.file.redeem(token, { for: 'ada' }));
    await table.insert(row);
    return fields.file.of(row).stored?.text();
  };
  end = () => {
    journal.close();
    rmSync(folder, { recursive: true });
  };
});
afterAll(() => end());

const allowing = (options: Partial<ClaimsOptions> = {}): ((request: Request) => Promise<Response>) =>
  claims({ field, authorize: () => true, user: () => 'ada', ...options });

const asking = (question: unknown, init: RequestInit = {}): Request =>
  new Request(`${APP}/claims`, { method: 'POST', body: JSON.stringify(question), ...init });

/** What is answered: its status, and its code where it is an error. */
async function answerOf(response: Response): Promise<readonly [number, string | undefined]> {
  const { code } = (await response.json()) as { readonly code?: string };
  return [response.status, code];
}

test('a file goes where the claim says, and a row can have it', async () => {
  const response = await allowing()(asking(FILE));
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
  const { upload, token } = await response.json();
  const { url, method, headers } = upload;
  expect((await media(new Request(url, { method, headers, body: 'hello' }))).ok).toBe(true);
  expect(await kept(token)).toBe('hello');
});

test('where the storage signs no parts, large files go by one request, too', async () => {
  const claim = await (await allowing({ partsAboveBytes: 10 })(asking({ ...FILE, sizeBytes: 90 }))).json();
  expect(Object.keys(claim).sort()).toEqual(['token', 'upload']);
});

describe('nobody claims', () => {
  test('who is not allowed', async () => {
    expect(await answerOf(await claims({ field, user: () => 'ada' })(asking(FILE)))).toEqual([
      403,
      'permission',
    ]);
    expect(await answerOf(await allowing({ authorize: () => 'yes' as never })(asking(FILE)))).toEqual([
      403,
      'permission',
    ]);
    const signIn = (): Response => Response.redirect(`${APP}/login`, 303);
    expect((await allowing({ authorize: signIn })(asking(FILE))).status).toBe(303);
    expect((await allowing({ authorize: signIn, origins: ['https://b.example'] })(asking(FILE))).status).toBe(
      303,
    );
  });

  test('for nobody', async () => {
    for (const user of ['', undefined])
      expect(await answerOf(await allowing({ user: () => user as string })(asking(FILE)))).toEqual([
        403,
        'permission',
      ]);
  });

  test('from a page of another origin, unless it is allowed', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://b.example' };
    expect(await answerOf(await allowing()(asking(FILE, { headers })))).toEqual([403, 'cross-origin']);
    const open = allowing({ origins: ['https://b.example'], requestHeaders: ['authorization'] });
    const taken = await open(asking(FILE, { headers }));
    expect([taken.status, taken.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'https://b.example',
    ]);
    const before = await open(
      asking(undefined, {
        method: 'OPTIONS',
        headers: { ...headers, 'access-control-request-method': 'POST' },
      }),
    );
    expect(before.headers.get('access-control-allow-headers')).toBe('content-type, authorization');
  });
});

test.each<[string, unknown, readonly [number, string]]>([
  ['no name', { sizeBytes: 5 }, [400, 'invalid-argument']],
  ['no length', { filename: 'a.txt' }, [400, 'invalid-argument']],
  ['a length that is none', { ...FILE, sizeBytes: -1 }, [400, 'invalid-argument']],
  ['a digest that is none', { ...FILE, digest: 'x' }, [400, 'invalid-argument']],
  ['a file that is too large', { ...FILE, sizeBytes: 101 }, [413, 'too-large']],
  ['a type that the field does not take', { ...FILE, filename: 'a.exe' }, [415, 'not-accepted']],
  ['another user in the question', { ...FILE, for: 'eve', keepSeconds: 1e9 }, [200, undefined as never]],
  ['a list', [], [400, 'invalid-argument']],
  ['nothing', null, [400, 'malformed-request']],
  ['a text', 'x', [400, 'malformed-request']],
  ['far too much', { ...FILE, filename: 'a'.repeat(70_000) }, [413, 'request-too-large']],
  ['parts of no claim', { token: 'x', numbers: [1] }, [404, 'not-found']],
  ['parts of a token that is none', { token: {}, numbers: [1] }, [404, 'not-found']],
  ['parts that are no list', { token: 'x', numbers: '1' }, [400, 'malformed-request']],
  [
    'too many parts',
    { token: 'x', numbers: Array.from({ length: 1001 }, () => 1) },
    [400, 'malformed-request'],
  ],
  ['what is stored of no claim', { token: 'x' }, [404, 'not-found']],
  ['the end of no claim', { token: 'x', end: true }, [404, 'not-found']],
])('asked for %s', async (_, question, answer) => {
  expect(await answerOf(await allowing()(asking(question)))).toEqual(answer);
});

test('what is no JSON, and other methods', async () => {
  expect(await answerOf(await allowing()(asking(undefined, { body: '{' })))).toEqual([
    400,
    'malformed-request',
  ]);
  const response = await allowing()(new Request(`${APP}/claims`));
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
});

test('a claim of one request has no parts, and is not to be given up by its token', async () => {
  const { token } = await (await allowing()(asking(FILE))).json();
  for (const question of [{ token, numbers: [1] }, { token }, { token, end: true }])
    expect(await answerOf(await allowing()(asking(question)))).toEqual([403, 'permission']);
});

test('errors of the server are told to who asked for that', async () => {
  const told: unknown[] = [];
  const fault = new Error('The users are gone.');
  const user = (): never => {
    throw fault;
  };
  const response = await allowing({ user, onError: error => told.push(error) })(asking(FILE));
  expect([response.status, told]).toEqual([500, [fault]]);
});

test.each<[string, object]>([
  ['no field', { field: undefined }],
  ['no user', { user: undefined }],
  ['a user that is no function', { user: 'ada' }],
  ['an authorize that is no function', { authorize: true }],
  ['a partsAboveBytes that is none', { partsAboveBytes: -1 }],
  ['a partBytes that is none', { partBytes: 1.5 }],
  ['an expiresInSeconds that is none', { expiresInSeconds: 0 }],
  ['a keepSeconds that is too short', { keepSeconds: 10 }],
  ['cookies of everybody', { origins: '*', credentials: true }],
  ['an option that there is not', { baseUrl: '/claims' }],
])('%s is refused when it is made', (_, options) => {
  expect(() => allowing(options)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
});
