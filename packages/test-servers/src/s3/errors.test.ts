import { request } from 'node:http';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectRefused, noise, S3Fixture } from '../../test/s3-fixture.ts';
import { startS3Server } from '../s3.ts';

const s3 = await S3Fixture.start();
afterAll(() => s3[Symbol.asyncDispose]());
beforeAll(async () => {
  await s3.put('object', 'content');
});

async function getAs(config: S3ClientConfig): Promise<unknown> {
  const client = s3.newClient(config);
  try {
    return await client.send(new GetObjectCommand({ Bucket: s3.bucket, Key: 'object' }));
  } finally {
    client.destroy();
  }
}

test('creates a bucket once and tells of it', async () => {
  await s3.client.send(new CreateBucketCommand({ Bucket: 'created' }));
  await s3.client.send(new HeadBucketCommand({ Bucket: 'created' }));
  const listed = await s3.client.send(new ListBucketsCommand());
  expect(listed.Buckets?.map(bucket => bucket.Name)).toEqual(['bucket', 'created']);
  const again = s3.client.send(new CreateBucketCommand({ Bucket: 'created' }));
  await expectRefused(again, 409, 'BucketAlreadyOwnedByYou');
});

test('answers HEAD of a missing bucket with 404', async () => {
  await expectRefused(s3.client.send(new HeadBucketCommand({ Bucket: 'missing' })), 404);
});

test('answers GET of a missing object with NoSuchKey', async () => {
  await expectRefused(s3.get('missing'), 404, 'NoSuchKey');
});

test('answers HEAD of a missing object with 404', async () => {
  await expectRefused(s3.head('missing'), 404, 'NotFound');
});

test.each([
  ['GET', () => new GetObjectCommand({ Bucket: 'missing', Key: 'x' })],
  ['PUT', () => new PutObjectCommand({ Bucket: 'missing', Key: 'x', Body: 'x' })],
  ['a listing', () => new ListObjectsV2Command({ Bucket: 'missing' })],
])('answers %s in a missing bucket with NoSuchBucket', async (_, command) => {
  await expectRefused(s3.client.send(command() as GetObjectCommand), 404, 'NoSuchBucket');
});

test('refuses a wrong secret', async () => {
  const credentials = { ...s3.server, secretAccessKey: 'wrong' };
  await expectRefused(getAs({ credentials }), 403, 'SignatureDoesNotMatch');
});

test('refuses an unknown access key', async () => {
  const credentials = { accessKeyId: 'unknown', secretAccessKey: 'wrong' };
  await expectRefused(getAs({ credentials }), 403, 'InvalidAccessKeyId');
});

test('refuses a token nobody gave out', async () => {
  const credentials = { ...s3.server, sessionToken: 'token' };
  await expectRefused(getAs({ credentials }), 400, 'InvalidToken');
});

test('refuses another region', async () => {
  await expectRefused(getAs({ region: 'eu-central-1' }), 400, 'AuthorizationHeaderMalformed');
});

test('refuses a clock that is twenty minutes wrong', async () => {
  await expectRefused(getAs({ systemClockOffset: 20 * 60_000 }), 403, 'RequestTimeTooSkewed');
});

test('lets the read-only key read what it knows, and nothing else', async () => {
  const reader = s3.newClient({ credentials: s3.server.readOnlyCredentials });
  const { bucket: Bucket } = s3;
  await reader.send(new GetObjectCommand({ Bucket, Key: 'object' }));
  const denied: Promise<unknown>[] = [
    reader.send(new PutObjectCommand({ Bucket, Key: 'object', Body: 'x' })),
    reader.send(new DeleteObjectCommand({ Bucket, Key: 'object' })),
    reader.send(new ListObjectsV2Command({ Bucket })),
    reader.send(new GetObjectCommand({ Bucket, Key: 'missing' })),
  ];
  await Promise.all(denied.map(request => expectRefused(request, 403, 'AccessDenied')));
  await expectRefused(reader.send(new HeadObjectCommand({ Bucket, Key: 'missing' })), 403);
  reader.destroy();
});

test('refuses anonymous requests', async () => {
  expect((await fetch(`${s3.server.endpoint}/bucket/object`)).status).toBe(403);
  expect((await fetch(`${s3.server.endpoint}/bucket/object`, { method: 'DELETE' })).status).toBe(403);
});

test('shows a public object to everybody, in a bucket that allows ACLs', async () => {
  await expectRefused(s3.put('public', 'x', { ACL: 'public-read' }), 400, 'AccessControlListNotSupported');
  const input = { Bucket: 'with-acls', ObjectOwnership: 'BucketOwnerPreferred' } as const;
  await s3.client.send(new CreateBucketCommand(input));
  const object = { Bucket: 'with-acls', Key: 'public', Body: 'open' };
  await s3.client.send(new PutObjectCommand({ ...object, ACL: 'public-read' }));
  await s3.client.send(new PutObjectCommand({ ...object, Key: 'closed' }));
  const response = await fetch(`${s3.server.endpoint}/with-acls/public`);
  expect([response.status, await response.text()]).toEqual([200, 'open']);
  expect((await fetch(`${s3.server.endpoint}/with-acls/closed`)).status).toBe(403);
});

test('refuses to delete a bucket that is not empty', async () => {
  const deletion = s3.client.send(new DeleteBucketCommand({ Bucket: s3.bucket }));
  await expectRefused(deletion, 409, 'BucketNotEmpty');
});

test('says so when it does not know an operation', async () => {
  const unknown = s3.client.send(new GetBucketPolicyCommand({ Bucket: s3.bucket }));
  await expectRefused(unknown, 501, 'NotImplemented');
});

test('gives every answer a request id', async () => {
  const got = await s3.get('object');
  expect(got.$metadata.requestId).toMatch(/^[0-9A-F]{16}$/);
  await expect(s3.get('missing')).rejects.toMatchObject({
    $metadata: { requestId: expect.stringMatching(/^[0-9A-F]{16}$/) },
  });
});

test('answers a refusal although the body was not read', async () => {
  const upload = s3.client.send(
    new PutObjectCommand({ Bucket: 'missing', Key: 'x', Body: noise(8 * 1024 * 1024) }),
  );
  await expectRefused(upload, 404, 'NoSuchBucket');
});

test('refuses a path that is no UTF-8', async () => {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  request(`${s3.server.endpoint}/bucket/%ff`, response => {
    response.resume();
    resolve(response.statusCode);
  }).end();
  expect(await promise).toBe(400);
});

test('closes with open connections and leaves its port', async () => {
  const first = await startS3Server();
  await fetch(first.endpoint);
  await first.close();
  const port = Number(new URL(first.endpoint).port);
  await using again = await startS3Server({ port });
  expect(again.endpoint).toBe(first.endpoint);
});
