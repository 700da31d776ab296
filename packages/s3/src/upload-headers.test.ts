import { GetObjectTaggingCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { SignedUpload } from '@fieldfile/storage';
import { type S3Server, startS3Server } from '@fieldfile/test-servers/s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { optionsFor } from '../test/open-storage.ts';
import type { ObjectParameters } from './options.ts';
import { S3Storage } from './storage.ts';
import { uploadHeaders } from './upload-headers.ts';

const SOON = { expiresInSeconds: 60 };

const GIVEN: ObjectParameters = {
  CacheControl: 'public, max-age=77',
  ContentDisposition: 'inline',
  ContentType: 'image/png',
  Expires: new Date('2030-01-01T00:00:00Z'),
  ServerSideEncryption: 'aws:kms',
  SSEKMSKeyId: 'a-key',
  StorageClass: 'STANDARD_IA',
  Tagging: 'kind=image&label=a%20%26%20b',
};

let server: S3Server;
let client: S3Client;
beforeAll(async () => {
  server = await startS3Server({ buckets: ['media'] });
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

const giving = (objectParameters: ObjectParameters | ((name: string) => ObjectParameters)): S3Storage =>
  new S3Storage(optionsFor(server, { objectParameters }));

async function send(upload: SignedUpload, changes: Record<string, string | undefined> = {}): Promise<number> {
  const { method, url } = upload;
  const given = Object.entries({ ...(upload.fields ?? upload.headers), ...changes }).flatMap(
    ([name, text]) => (text === undefined ? [] : [[name, text] as const]),
  );
  if (method === 'PUT')
    return (await fetch(url, { method, headers: Object.fromEntries(given), body: '1234' })).status;
  const form = new FormData();
  for (const [field, text] of given) form.set(field, text);
  form.set('file', new Blob(['1234']));
  return (await fetch(url, { method, body: form })).status;
}

test.each([
  ['PUT', {}],
  ['POST', { maxBytes: 4 }],
])('a %s gives the object everything that a save gives', async (method, limits) => {
  const storage = giving(name => (name.startsWith('images/') ? GIVEN : {}));
  const saved = await storage.save(`images/saved-${method}.bin`, '1234');
  const name = `images/uploaded-${method}.bin`;
  const upload = await storage.signedUpload(name, { ...SOON, ...limits });
  expect(upload.method).toBe(method);
  expect(upload.enforced.has('type')).toBe(true);
  expect(await send(upload)).toBeLessThan(300);
  const tell = async (Key: string): Promise<object> => {
    const object = { Bucket: 'media', Key };
    const {
      $metadata: _,
      LastModified: __,
      Metadata: ___,
      ...head
    } = await client.send(new HeadObjectCommand(object));
    const { TagSet } = await client.send(new GetObjectTaggingCommand(object));
    return { ...head, TagSet };
  };
  expect(await tell(name)).toEqual(await tell(saved));
  expect(await tell(name)).toMatchObject({
    CacheControl: GIVEN.CacheControl,
    StorageClass: GIVEN.StorageClass,
    TagSet: [
      { Key: 'kind', Value: 'image' },
      { Key: 'label', Value: 'a & b' },
    ],
  });
});

test.each([
  ['PUT', {}, ['cache-control', 'expires', 'x-amz-storage-class', 'x-amz-server-side-encryption']],
  ['POST', { maxBytes: 4 }, ['Cache-Control', 'Expires', 'x-amz-storage-class', 'tagging']],
])('a %s without them, or with others, is refused', async (method, limits, names) => {
  const storage = giving(GIVEN);
  const name = `refused-${method}.bin`;
  const upload = await storage.signedUpload(name, { ...SOON, ...limits });
  for (const changed of names)
    for (const text of [undefined, 'other'])
      expect(await send(upload, { [changed]: text }), `${changed}: ${text}`).toBe(403);
  expect(await storage.exists(name)).toBe(false);
});

test('what was asked for this upload goes first', async () => {
  const upload = await giving(GIVEN).signedUpload('own.bin', {
    ...SOON,
    contentType: 'text/plain',
    cacheControl: 'no-store',
  });
  expect(upload.headers).toMatchObject({ 'content-type': 'text/plain', 'cache-control': 'no-store' });
});

test('what a form has no field for is refused', async () => {
  const storage = giving({ ContentLanguage: 'de' });
  await expect(storage.signedUpload('a.bin', { ...SOON, maxBytes: 4 })).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('exactBytes'),
  });
  const upload = await storage.signedUpload('a.bin', { ...SOON, exactBytes: 4 });
  expect(upload.headers['content-language']).toBe('de');
});

test('nothing is for the name of the client’s file to choose', async () => {
  for (const [parameters, options] of [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what an upload form replaces
    [{ ContentDisposition: 'attachment; filename="${filename}"' }, {}],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what an upload form replaces
    [{}, { cacheControl: '${filename}' }],
  ] as const)
    await expect(
      giving(parameters).signedUpload('a.bin', { ...SOON, maxBytes: 4, ...options }),
    ).rejects.toMatchObject({ code: 'invalid-argument' });
});

test('the headers are those of the SDK', async () => {
  const parameters: Required<ObjectParameters> = {
    ...(GIVEN as Required<ObjectParameters>),
    ACL: 'public-read',
    BucketKeyEnabled: true,
    ContentEncoding: 'br',
    ContentLanguage: 'de',
    SSEKMSEncryptionContext: 'e30=',
  };
  const command = new PutObjectCommand({ Bucket: 'media', Key: 'a', Body: '', ...parameters });
  let sent: Record<string, string> = {};
  command.middlewareStack.add(
    next => args => {
      sent = { ...(args.request as { readonly headers: Record<string, string> }).headers };
      return next(args);
    },
    { step: 'build' },
  );
  await client.send(command).catch(() => {}); // the server knows no keys: what was sent is what counts
  expect(sent).toMatchObject(uploadHeaders(parameters, SOON));
});
