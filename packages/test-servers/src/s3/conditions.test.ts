import { CopyObjectCommand, DeleteObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, expect, test } from 'vitest';
import { expectRefused, MEBIBYTE, noise, oneShot, race, S3Fixture, stalled } from '../../test/s3-fixture.ts';

const s3 = await S3Fixture.start();
afterAll(() => s3[Symbol.asyncDispose]());

const OTHER = '"00000000000000000000000000000000"';
const CREATE = { IfNoneMatch: '*' };

const copy = (key: string, rest: object): Promise<unknown> =>
  s3.client.send(
    new CopyObjectCommand({ Bucket: s3.bucket, Key: key, CopySource: `${s3.bucket}/source`, ...rest }),
  );

// Reads

test('GET and HEAD with If-Match answer 412 for another etag', async () => {
  const { ETag } = await s3.put('read', '0123456789');
  expect(await s3.text('read', { IfMatch: ETag })).toBe('0123456789');
  await expectRefused(s3.get('read', { IfMatch: OTHER }), 412, 'PreconditionFailed');
  await expectRefused(s3.head('read', { IfMatch: OTHER }), 412);
});

test('GET with If-None-Match answers 304 for the same etag', async () => {
  const { ETag } = await s3.put('read', '0123456789');
  await expectRefused(s3.get('read', { IfNoneMatch: ETag }), 304);
  expect(await s3.text('read', { IfNoneMatch: OTHER })).toBe('0123456789');
});

test('HEAD with If-None-Match answers 304 for the same etag', async () => {
  const { ETag } = await s3.put('read', '0123456789');
  await expectRefused(s3.head('read', { IfNoneMatch: ETag }), 304);
});

test('GET with If-Unmodified-Since answers 412 for a later object', async () => {
  const { ETag } = await s3.put('read', '0123456789');
  const IfUnmodifiedSince = new Date('2000-01-01');
  await expectRefused(s3.get('read', { IfUnmodifiedSince }), 412);
  expect(await s3.text('read', { IfUnmodifiedSince, IfMatch: ETag })).toBe('0123456789');
});

test('GET with If-Modified-Since answers 304 for an object that is not newer', async () => {
  await s3.put('read', '0123456789');
  const { LastModified } = await s3.head('read');
  await expectRefused(s3.get('read', { IfModifiedSince: LastModified }), 304);
  expect(await s3.text('read', { IfModifiedSince: new Date('2000-01-01') })).toBe('0123456789');
});

// Creation

test('PutObject creates once', async () => {
  await s3.put('once', 'one', CREATE);
  await expectRefused(s3.put('once', 'two', CREATE), 412, 'PreconditionFailed');
  expect(await s3.text('once')).toBe('one');
});

test('PutObject creates once from streams', async () => {
  await s3.put('once-stream', oneShot('one'), { ...CREATE, ContentLength: 3 });
  const second = s3.put('once-stream', oneShot('two'), { ...CREATE, ContentLength: 3 });
  await expectRefused(second, 412, 'PreconditionFailed');
  expect(await s3.text('once-stream')).toBe('one');
});

test.each([
  ['ten bytes', 10],
  ['1 MiB', MEBIBYTE],
])('of 20 creations of %s at once exactly one wins, five times', async (label, size) => {
  for (let round = 0; round < 5; round++) {
    const key = `race/${label}/${round}`;
    const { winners, refusals } = await race(20, index =>
      s3.put(key, Buffer.alloc(size, 65 + index), CREATE),
    );
    expect(winners).toHaveLength(1);
    expect(new Set(refusals)).toEqual(new Set(['PreconditionFailed']));
    expect((await s3.bytes(key)).equals(Buffer.alloc(size, 65 + (winners[0] ?? 0)))).toBe(true);
  }
});

test('CompleteMultipartUpload does not overwrite what it was to create', async () => {
  await s3.put('taken', 'original');
  const id = await s3.startUpload('taken');
  const part = await s3.part('taken', id, 1, 'x');
  await expectRefused(s3.completeUpload('taken', id, [part], CREATE), 412, 'PreconditionFailed');
  expect(await s3.text('taken')).toBe('original');
});

test('CompleteMultipartUpload creates where nothing is', async () => {
  const id = await s3.startUpload('fresh');
  await s3.completeUpload('fresh', id, [await s3.part('fresh', id, 1, 'content')], CREATE);
  expect(await s3.text('fresh')).toBe('content');
});

test('of 20 completions at once exactly one wins', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, () => s3.startUpload('race/parts')));
  const parts = await Promise.all(
    ids.map((id, index) => s3.part('race/parts', id, 1, Buffer.alloc(100, 65 + index))),
  );
  const { winners } = await race(20, index =>
    s3.completeUpload('race/parts', ids[index] ?? '', parts.slice(index, index + 1), CREATE),
  );
  expect(winners).toHaveLength(1);
  expect((await s3.bytes('race/parts')).equals(Buffer.alloc(100, 65 + (winners[0] ?? 0)))).toBe(true);
});

test('of 10 puts and 10 completions at once exactly one wins', async () => {
  const ids = await Promise.all(Array.from({ length: 10 }, () => s3.startUpload('race/mixed')));
  const parts = await Promise.all(
    ids.map((id, index) => s3.part('race/mixed', id, 1, Buffer.alloc(100, 65 + index))),
  );
  const { winners } = await race(20, index =>
    index < 10
      ? s3.completeUpload('race/mixed', ids[index] ?? '', parts.slice(index, index + 1), CREATE)
      : s3.put('race/mixed', Buffer.alloc(100, 65 + index), CREATE),
  );
  expect(winners).toHaveLength(1);
  expect((await s3.bytes('race/mixed')).equals(Buffer.alloc(100, 65 + (winners[0] ?? 0)))).toBe(true);
});

test.each([
  ['one request', 100],
  ['parts', 11 * MEBIBYTE],
])('an upload by lib-storage in %s creates once', async (label, size) => {
  const upload = (): Promise<unknown> =>
    new Upload({
      client: s3.client,
      params: { Bucket: s3.bucket, Key: `library/${label}`, Body: oneShot(noise(size)), ...CREATE },
      partSize: 5 * MEBIBYTE,
    }).done();
  await upload();
  await expectRefused(upload(), 412, 'PreconditionFailed');
});

test('creates again after a deletion', async () => {
  await s3.put('again', 'a', CREATE);
  await s3.remove('again');
  await s3.put('again', 'b', CREATE);
  expect(await s3.text('again')).toBe('b');
});

test('answers 409 when the key was deleted while a creation was under way', async () => {
  // From 2 MiB on the SDK sends its body once the server has begun.
  const body = stalled(noise(2 * MEBIBYTE));
  const creation = s3.put('conflict', body, { ...CREATE, ContentLength: 2 * MEBIBYTE + 1 });
  const refused = expectRefused(creation, 409, 'ConditionalRequestConflict');
  await body.reached;
  await s3.put('conflict', 'other');
  await s3.remove('conflict');
  body.finish(Buffer.from('x'));
  await refused;
  await expectRefused(s3.head('conflict'), 404);
});

// Replacement

test('PutObject with If-Match replaces only what it names', async () => {
  const first = await s3.put('swap', 'v1');
  const second = await s3.put('swap', 'v2', { IfMatch: first.ETag });
  expect(second.ETag).not.toBe(first.ETag);
  await expectRefused(s3.put('swap', 'v3', { IfMatch: first.ETag }), 412, 'PreconditionFailed');
  expect(await s3.text('swap')).toBe('v2');
});

test('of 20 replacements of one etag at once exactly one wins', async () => {
  const { ETag } = await s3.put('race/swap', 'v0');
  const { winners } = await race(20, index => s3.put('race/swap', `v${index + 1}`, { IfMatch: ETag }));
  expect(winners).toHaveLength(1);
});

test('PutObject with If-Match answers 404 where nothing is', async () => {
  await expectRefused(s3.put('nothing', 'v', { IfMatch: OTHER }), 404, 'NoSuchKey');
});

test('CompleteMultipartUpload with If-Match replaces only what it names', async () => {
  const { ETag } = await s3.put('reserved', 'reservation');
  const id = await s3.startUpload('reserved');
  const part = await s3.part('reserved', id, 1, 'content');
  await expectRefused(s3.completeUpload('reserved', id, [part], { IfMatch: OTHER }), 412);
  await s3.completeUpload('reserved', id, [part], { IfMatch: ETag });
  expect(await s3.text('reserved')).toBe('content');
});

// Copies

test('CopyObject checks the etag of its source', async () => {
  const { ETag } = await s3.put('source', 'content');
  await expectRefused(copy('copied', { CopySourceIfMatch: OTHER }), 412);
  await expectRefused(copy('copied', { CopySourceIfNoneMatch: ETag }), 412);
  await copy('copied', { CopySourceIfMatch: ETag });
  expect(await s3.text('copied')).toBe('content');
});

test('CopyObject does not overwrite what it was to create', async () => {
  await s3.put('source', 'content');
  await s3.put('target', 'original');
  await expectRefused(copy('target', CREATE), 412, 'PreconditionFailed');
  expect(await s3.text('target')).toBe('original');
  await expectRefused(copy('target', { IfMatch: OTHER }), 412, 'PreconditionFailed');
});

// Deletion

test('DeleteObject with If-Match deletes only what it names', async () => {
  const { ETag } = await s3.put('deleted', 'v1');
  await expectRefused(s3.remove('deleted', { IfMatch: OTHER }), 412, 'PreconditionFailed');
  expect(await s3.text('deleted')).toBe('v1');
  await s3.remove('deleted', { IfMatch: ETag });
  await expectRefused(s3.remove('deleted', { IfMatch: ETag }), 404, 'NoSuchKey');
  const anything = new DeleteObjectCommand({ Bucket: s3.bucket, Key: 'deleted', IfMatch: '*' });
  await expectRefused(s3.client.send(anything), 412, 'PreconditionFailed');
});
