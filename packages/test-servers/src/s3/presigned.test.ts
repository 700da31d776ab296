import { GetObjectCommand, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectRefused, S3Fixture } from '../../test/s3-fixture.ts';

const s3 = await S3Fixture.start();
afterAll(() => s3[Symbol.asyncDispose]());
beforeAll(async () => {
  await s3.put('object', 'content');
  await s3.put('other', 'other');
});

type SigningOptions = Parameters<typeof getSignedUrl>[2];

type Command = GetObjectCommand | PutObjectCommand | UploadPartCommand;

const sign = (command: Command, options: SigningOptions = {}): Promise<string> =>
  getSignedUrl(s3.client, command as GetObjectCommand, { expiresIn: 60, ...options });

const signGet = (Key: string, options: SigningOptions = {}, rest = {}): Promise<string> =>
  sign(new GetObjectCommand({ Bucket: s3.bucket, Key, ...rest }), options);

async function refusal(response: Response): Promise<readonly [number, string | undefined]> {
  return [response.status, /<Code>(.*?)<\/Code>/.exec(await response.text())?.[1]];
}

test('a presigned GET reads', async () => {
  const response = await fetch(await signGet('object'));
  expect([response.status, await response.text()]).toEqual([200, 'content']);
});

test('a presigned GET overrides headers, of an odd key too', async () => {
  const key = 'pre s+#%?é';
  await s3.put(key, 'odd');
  const ResponseContentDisposition = 'attachment; filename="x y.txt"';
  const response = await fetch(await signGet(key, {}, { ResponseContentDisposition }));
  expect(response.headers.get('content-disposition')).toBe(ResponseContentDisposition);
  expect([response.status, await response.text()]).toEqual([200, 'odd']);
});

test('a presigned GET overrides no header with what no header can say', async () => {
  const url = await signGet('object', {}, { ResponseContentDisposition: 'attachment; filename="✓"' });
  expect(await refusal(await fetch(url))).toEqual([400, 'InvalidArgument']);
});

test('a presigned GET ends with its time', async () => {
  const url = await signGet('object', { expiresIn: 1, signingDate: new Date(Date.now() - 60_000) });
  expect(await refusal(await fetch(url))).toEqual([403, 'AccessDenied']);
});

test('a presigned GET begins with its time', async () => {
  const url = await signGet('object', { signingDate: new Date(Date.now() + 60 * 60_000) });
  expect(await refusal(await fetch(url))).toEqual([403, 'AccessDenied']);
});

test('a presigned GET lasts a week at the most', async () => {
  const url = (await signGet('object')).replace('X-Amz-Expires=60', 'X-Amz-Expires=604801');
  expect(await refusal(await fetch(url))).toEqual([400, 'AuthorizationQueryParametersError']);
});

test('a presigned GET with another signature is refused', async () => {
  const url = await signGet('object');
  const forged = url.replace(/(Signature=)(.)/, (_, name, digit) => name + (digit === '0' ? '1' : '0'));
  expect(await refusal(await fetch(forged))).toEqual([403, 'SignatureDoesNotMatch']);
});

test('a presigned GET reads no other key', async () => {
  const url = (await signGet('object')).replace('/object', '/other');
  expect(await refusal(await fetch(url))).toEqual([403, 'SignatureDoesNotMatch']);
});

test('a presigned GET deletes nothing', async () => {
  const response = await fetch(await signGet('object'), { method: 'DELETE' });
  expect(await refusal(response)).toEqual([403, 'SignatureDoesNotMatch']);
});

const put = (url: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'PUT', body, headers });

test('a presigned PUT stores, with metadata that was moved into the query', async () => {
  const Metadata = { a: 'b' };
  const url = await sign(
    new PutObjectCommand({ Bucket: s3.bucket, Key: 'put', ContentType: 'text/x', Metadata }),
  );
  expect((await put(url, 'up', { 'content-type': 'text/x' })).status).toBe(200);
  expect(await s3.text('put')).toBe('up');
  expect(await s3.head('put')).toMatchObject({ ContentType: 'text/x', Metadata });
});

test('a presigned PUT holds to a signed content type', async () => {
  const command = new PutObjectCommand({ Bucket: s3.bucket, Key: 'typed', ContentType: 'text/x' });
  const url = await sign(command, { signableHeaders: new Set(['content-type', 'host']) });
  expect(await refusal(await put(url, 'up', { 'content-type': 'text/evil' }))).toEqual([
    403,
    'SignatureDoesNotMatch',
  ]);
  expect((await put(url, 'up', { 'content-type': 'text/x' })).status).toBe(200);
});

test('a presigned PUT creates once', async () => {
  const url = await sign(new PutObjectCommand({ Bucket: s3.bucket, Key: 'once', IfNoneMatch: '*' }), {
    unhoistableHeaders: new Set(['if-none-match']),
  });
  const create = (): Promise<Response> => put(url, 'up', { 'if-none-match': '*' });
  expect((await create()).status).toBe(200);
  expect(await refusal(await create())).toEqual([412, 'PreconditionFailed']);
});

test('a presigned PUT takes no header of the service that was not signed', async () => {
  const url = await sign(new PutObjectCommand({ Bucket: s3.bucket, Key: 'unsigned' }));
  expect(await refusal(await put(url, 'up', { 'x-amz-meta-a': 'b' }))).toEqual([403, 'AccessDenied']);
});

test('a presigned PUT takes no body of unknown length', async () => {
  const url = await sign(new PutObjectCommand({ Bucket: s3.bucket, Key: 'unknown' }));
  const body = new Blob(['up']).stream();
  const response = await fetch(url, { method: 'PUT', body, duplex: 'half' } as RequestInit);
  expect(await refusal(response)).toEqual([501, 'NotImplemented']);
});

test('a presigned part joins an upload', async () => {
  const id = await s3.startUpload('parts');
  const input = { Bucket: s3.bucket, Key: 'parts', UploadId: id, PartNumber: 1 };
  const response = await put(await sign(new UploadPartCommand(input)), 'part');
  expect(response.status).toBe(200);
  const ETag = response.headers.get('etag') ?? undefined;
  await s3.completeUpload('parts', id, [{ PartNumber: 1, ETag }]);
  expect(await s3.text('parts')).toBe('part');
});

// Forms

async function post(
  Key: string,
  content: string,
  options: Partial<PresignedPostOptions> = {},
  extra: Record<string, string> = {},
): Promise<Response> {
  const { url, fields } = await createPresignedPost(s3.client, {
    Bucket: s3.bucket,
    Key,
    Expires: 60,
    ...options,
  });
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...fields, ...extra })) form.append(name, value);
  form.append('file', new Blob([content]), 'naïve "name".txt');
  return fetch(url, { method: 'POST', body: form, redirect: 'manual' });
}

const range = (minimum: number, maximum: number) => ({
  Conditions: [['content-length-range', minimum, maximum] as ['content-length-range', number, number]],
});

test('a form stores within its policy', async () => {
  const response = await post('form', 'posted', {
    Conditions: [
      ['content-length-range', 0, 10],
      ['eq', '$Content-Type', 'text/p'],
    ],
    Fields: { 'Content-Type': 'text/p' },
  });
  expect(response.status).toBe(204);
  expect(await s3.text('form')).toBe('posted');
  expect((await s3.head('form')).ContentType).toBe('text/p');
});

test('a form stores content that looks like its boundary, whole', async () => {
  const content = `${'\r\n--'.repeat(50_000)}\r\n`;
  expect((await post('boundary', content)).status).toBe(204);
  expect(await s3.text('boundary')).toBe(content);
});

test('a form puts the name of its file into the key', async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what S3 replaces
  expect((await post('named/${filename}', 'posted')).status).toBe(204);
  expect(await s3.text('named/naïve "name".txt')).toBe('posted');
});

test('a form answers 201 with a document, or redirects, when told to', async () => {
  const created = await post('form', 'posted', { Fields: { success_action_status: '201' } });
  expect([created.status, await created.text()]).toEqual([201, expect.stringContaining('<Key>form</Key>')]);
  const redirected = await post('form', 'posted', {
    Fields: { success_action_redirect: 'http://example.com/done' },
  });
  expect(redirected.status).toBe(303);
  expect(redirected.headers.get('location')).toMatch(/^http:\/\/example\.com\/done\?bucket=bucket&key=form/);
});

test.each([
  ['too much', 'x'.repeat(11), range(0, 10), {}, [400, 'EntityTooLarge']],
  ['too little', 'x', range(2, 10), {}, [400, 'EntityTooSmall']],
  ['another key', 'x', {}, { key: 'evil' }, [403, 'AccessDenied']],
  ['a field no condition names', 'x', {}, { 'x-amz-meta-a': 'b' }, [403, 'AccessDenied']],
  ['another signature', 'x', {}, { 'X-Amz-Signature': '0'.repeat(64) }, [403, 'SignatureDoesNotMatch']],
  ['an expired policy', 'x', { Expires: -60 }, {}, [403, 'AccessDenied']],
  [
    'a value that does not start as it should',
    'x',
    { Conditions: [['starts-with', '$Content-Type', 'image/'] as ['starts-with', string, string]] },
    { 'Content-Type': 'text/html' },
    [403, 'AccessDenied'],
  ],
])('a form with %s is refused', async (_, content, options, extra, expected) => {
  expect(await refusal(await post('refused', content, options, extra))).toEqual(expected);
  await expectRefused(s3.head('refused'), 404);
});
