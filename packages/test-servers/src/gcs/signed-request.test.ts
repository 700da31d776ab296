import { createHash, createSign, generateKeyPairSync } from 'node:crypto';
import type { GetSignedUrlConfig } from '@google-cloud/storage';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { BUCKET, connect, GcsClient } from '../../test/gcs-client.ts';

const gcs = await GcsClient.start();
afterAll(() => gcs.close());
beforeAll(() => gcs.put('digits', '0123456789'));
afterEach(() => {
  vi.useRealTimers();
});

async function signed(
  name: string,
  options: Partial<GetSignedUrlConfig> & Pick<GetSignedUrlConfig, 'action'>,
): Promise<string> {
  const expires = Date.now() + 60_000;
  const [url] = await gcs.file(name).getSignedUrl({ version: 'v4', expires, ...options });
  return url;
}

async function code(response: Response): Promise<string | undefined> {
  return (await response.text()).match(/<Code>(.*)<\/Code>/)?.[1];
}

describe('reading', () => {
  test('a signed URL gives the bytes', async () => {
    const response = await fetch(await signed('digits', { action: 'read' }));
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('0123456789');
    expect(response.headers.get('etag')).toBe(`"${createHash('md5').update('0123456789').digest('hex')}"`);
  });

  test('a name with marks, and a disposition of its own', async () => {
    const name = "pre s+#%?é!'()*/~";
    await gcs.put(name, 'W', { metadata: { metadata: { note: 'bär✓' } } });
    const url = await signed(name, {
      action: 'read',
      responseDisposition: 'attachment; filename="x y.txt"',
      responseType: 'text/w',
    });
    const response = await fetch(url);
    expect(await response.text()).toBe('W');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="x y.txt"');
    expect(response.headers.get('content-type')).toBe('text/w');
    expect(Buffer.from(response.headers.get('x-goog-meta-note') ?? '', 'latin1').toString()).toBe('bär✓');
  });

  test('a changed signature, method, name or parameter is refused', async () => {
    const url = await signed('digits', { action: 'read' });
    await gcs.put('other', 'secret');
    for (const changed of [
      url.replace(/Signature=.../, 'Signature=000'),
      url.replace('/digits', '/other'),
      url.replace('X-Goog-Expires=60', 'X-Goog-Expires=61').replace('X-Goog-Expires=59', 'X-Goog-Expires=61'),
      `${url}&response-content-type=text/html`,
    ]) {
      const response = await fetch(changed);
      expect(response.status).toBe(403);
      expect(await code(response)).toBe('SignatureDoesNotMatch');
    }
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
    expect(await gcs.text('digits')).toBe('0123456789');
  });

  test('an expired URL is 400 ExpiredToken', async () => {
    const url = await signed('digits', { action: 'read' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    const response = await fetch(url);
    expect(response.status).toBe(400);
    expect(await code(response)).toBe('ExpiredToken');
  });

  test('a URL is not accepted long before it was signed', async () => {
    const url = await signed('digits', { action: 'read' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 16 * 60_000 });
    expect((await fetch(url)).status).toBe(403);
  });

  test('the key of another account does not open anything', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const private_key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const client_email of [
      gcs.server.credentials.client_email,
      'nobody@example.iam.gserviceaccount.com',
    ]) {
      const stranger = connect(gcs.server, { client_email, private_key });
      const [url] = await stranger
        .bucket(BUCKET)
        .file('digits')
        .getSignedUrl({ version: 'v4', action: 'read', expires: Date.now() + 60_000 });
      expect((await fetch(url)).status).toBe(403);
    }
  });

  test('a signed URL of what is not there is 404, an unsigned one always 403', async () => {
    const response = await fetch(await signed('missing', { action: 'read' }));
    expect(response.status).toBe(404);
    expect(await code(response)).toBe('NoSuchKey');
    expect((await fetch(`${gcs.server.endpoint}/${BUCKET}/missing`)).status).toBe(403);
    expect((await fetch(`${gcs.server.endpoint}/${BUCKET}/digits`)).status).toBe(403);
  });

  test('a public object needs no signature', async () => {
    await gcs.put('public', 'for all', { predefinedAcl: 'publicRead' });
    expect(await (await fetch(gcs.file('public').publicUrl())).text()).toBe('for all');
  });

  test('signBlob signs for a client without a key', async () => {
    const { client_email, private_key } = gcs.server.credentials;
    const url = `${gcs.server.endpoint}/v1/projects/-/serviceAccounts/${client_email}:signBlob`;
    const request = {
      method: 'POST',
      body: JSON.stringify({ payload: Buffer.from('text').toString('base64') }),
    };
    expect((await fetch(url, request)).status).toBe(401);
    const response = await fetch(url, { ...request, headers: { authorization: 'Bearer token' } });
    const signedBlob = createSign('RSA-SHA256').update('text').sign(private_key, 'base64');
    expect(await response.json()).toMatchObject({ signedBlob });
  });
});

describe('writing', () => {
  const put = (url: string, headers: Record<string, string>, body = 'up') =>
    fetch(url, { method: 'PUT', body, headers });

  test('a signed PUT stores with the type that was signed, and no other', async () => {
    const url = await signed('put', { action: 'write', contentType: 'text/x' });
    expect((await put(url, { 'content-type': 'text/y' })).status).toBe(403);
    expect((await put(url, { 'content-type': 'text/x' })).status).toBe(200);
    expect(await gcs.text('put')).toBe('up');
    expect(await gcs.metadata('put')).toMatchObject({ contentType: 'text/x' });
  });

  test('a signed generation 0 lets the first through only', async () => {
    const headers = { 'x-goog-if-generation-match': '0' };
    const url = await signed('put-once', { action: 'write', extensionHeaders: headers });
    expect((await put(url, headers)).status).toBe(200);
    expect((await put(url, headers)).status).toBe(412);
  });

  test('a signed header cannot be left out, an unsigned x-goog header not be added', async () => {
    const headers = { 'x-goog-meta-a': 'b' };
    const url = await signed('headers', { action: 'write', extensionHeaders: headers });
    for (const sent of [{}, { ...headers, 'x-goog-acl': 'public-read' }]) {
      const response = await put(url, sent);
      expect(response.status).toBe(400);
      expect(await code(response)).toBe('MalformedSecurityHeader');
    }
    expect((await put(url, headers)).status).toBe(200);
    expect(await gcs.metadata('headers')).toMatchObject({ metadata: { a: 'b' } });
  });

  test('a signed length range is enforced', async () => {
    const headers = { 'x-goog-content-length-range': '2,4' };
    const url = await signed('length', { action: 'write', extensionHeaders: headers });
    expect(await code(await put(url, headers, '1'))).toBe('EntityTooSmall');
    expect(await code(await put(url, headers, '12345'))).toBe('EntityTooLarge');
    expect(await gcs.exists('length')).toBe(false);
    expect((await put(url, headers, '123')).status).toBe(200);
  });

  test('a signed digest is verified', async () => {
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    const headers = { 'x-goog-content-sha256': sha256('up') };
    const url = await signed('digest', { action: 'write', extensionHeaders: headers });
    expect((await put(url, headers, 'down')).status).toBe(400);
    expect((await put(url, { 'x-goog-content-sha256': sha256('down') }, 'down')).status).toBe(403);
    expect(await gcs.exists('digest')).toBe(false);
    expect((await put(url, headers)).status).toBe(200);
  });

  test('a signed resumable start opens an upload', async () => {
    const url = await signed('resumable', { action: 'resumable', contentType: 'text/x' });
    const started = await fetch(url, {
      method: 'POST',
      headers: { 'x-goog-resumable': 'start', 'content-type': 'text/x' },
    });
    expect(started.status).toBe(201);
    const response = await fetch(started.headers.get('location') ?? '', { method: 'PUT', body: 'up' });
    expect(response.status).toBe(200);
    expect(await gcs.text('resumable')).toBe('up');
    expect(await gcs.metadata('resumable')).toMatchObject({ contentType: 'text/x' });
  });

  test('a signed DELETE deletes', async () => {
    await gcs.put('deleted', 'x');
    expect((await fetch(await signed('deleted', { action: 'delete' }), { method: 'DELETE' })).status).toBe(
      204,
    );
    expect(await gcs.exists('deleted')).toBe(false);
  });

  test('nothing is written without a signature', async () => {
    expect((await put(`${gcs.server.endpoint}/${BUCKET}/anonymous`, {})).status).toBe(403);
    expect(await gcs.exists('anonymous')).toBe(false);
  });
});
