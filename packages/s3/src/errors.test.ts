import { inspect } from 'node:util';
import { type S3Server, startS3Server } from '@fieldfile/test-servers/s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { optionsFor } from '../test/open-storage.ts';
import { toFieldFileError } from './errors.ts';
import type { S3StorageOptions } from './options.ts';
import { S3Storage } from './storage.ts';

let server: S3Server;
beforeAll(async () => {
  server = await startS3Server({ buckets: ['media'] });
});
afterAll(() => server.close());

async function failure(
  options: Partial<S3StorageOptions>,
  call: (storage: S3Storage) => Promise<unknown>,
): Promise<Error> {
  await using storage = new S3Storage(optionsFor(server, options));
  return await call(storage).then(
    () => expect.unreachable('the call was to fail'),
    (error: Error) => error,
  );
}

const CALLS: Readonly<Record<string, (storage: S3Storage) => Promise<unknown>>> = {
  save: storage => storage.save('a.txt', 'one'),
  info: storage => storage.info('a.txt'),
  exists: storage => storage.exists('a.txt'),
  open: storage => storage.open('a.txt'),
  delete: storage => storage.delete('a.txt'),
  deleteMany: storage => storage.deleteMany(['a.txt']),
  replace: storage => storage.replace('a.txt', 'one'),
  copy: storage => storage.copy('a.txt', 'b.txt'),
  listdir: storage => storage.listdir(),
  probe: storage => storage.probe(),
};

describe.each(Object.entries(CALLS))('%s', (_name, call) => {
  test('names the bucket that is missing', async () => {
    const error = await failure({ bucketName: 'no-such-bucket' }, call);
    expect(error).toMatchObject({ code: 'not-found', retryable: false });
    expect(error.message).toMatch(/Bucket "no-such-bucket" .* does not exist/);
  });

  test('says that credentials are wrong', async () => {
    for (const wrong of [{ secretKey: 'wrong-secret-key' }, { accessKey: 'nobody' }]) {
      const error = await failure(wrong, call);
      expect(error).toMatchObject({ code: 'permission', retryable: false });
      expect(inspect(error, { depth: 10 })).not.toMatch(/wrong-secret-key|Signature=|StringToSign/);
    }
  });
});

test('a missing object is told from a missing bucket', async () => {
  const error = await failure({}, storage => storage.info('absent.txt'));
  expect(error).toMatchObject({ code: 'not-found', objectName: 'absent.txt' });
  expect(error.message).not.toContain('Bucket');
});

test('who may only read what they know by name is forbidden the rest, and is not told that nothing is there', async () => {
  await using storage = new S3Storage(optionsFor(server));
  const name = await storage.save('known.txt', 'one');
  const { accessKeyId: accessKey, secretAccessKey: secretKey } = server.readOnlyCredentials;
  await using reader = new S3Storage(optionsFor(server, { accessKey, secretKey }));
  await using opened = await reader.open(name);
  expect(await opened.text()).toBe('one');
  for (const call of [
    () => reader.info('absent.txt'),
    () => reader.exists('absent.txt'),
    () => reader.save('a.txt', 'one'),
    () => reader.replace(name, 'two'),
    () => reader.delete(name),
    () => reader.copy(name, 'b.txt'),
    () => reader.listdir(),
  ])
    await expect(call()).rejects.toMatchObject({ code: 'permission', retryable: false, applied: false });
  expect(await storage.exists(name)).toBe(true);
});

test('what the service refuses about an object is the caller’s to mend', async () => {
  const metadata = { much: 'x'.repeat(3000) };
  expect(await failure({}, storage => storage.save('a.txt', 'one', { metadata }))).toMatchObject({
    code: 'invalid-argument',
  });
  const objectParameters = { ACL: 'public-read' as const };
  expect(await failure({ objectParameters }, storage => storage.save('a.txt', 'one'))).toMatchObject({
    code: 'invalid-argument',
  });
});

describe('what an error means', () => {
  const context = { operation: 'create', storage: 's3:media', bucket: 'media', name: 'a.txt', writes: true };
  const answered = (status: number, name = 'Unknown') =>
    Object.assign(new Error('x'), { name, $metadata: { httpStatusCode: status } });
  const broken = (code: string) => Object.assign(new Error('x'), { code });

  test.each([
    [answered(503, 'SlowDown'), 'throttled', true, false],
    [answered(429), 'throttled', true, false],
    [answered(500, 'InternalError'), 'backend', true, 'unknown'],
    [answered(502), 'backend', true, 'unknown'],
    [answered(409, 'ConditionalRequestConflict'), 'conflict', true, false],
    [answered(412, 'PreconditionFailed'), 'precondition', false, false],
    [answered(403, 'AccessDenied'), 'permission', false, false],
    [answered(403, 'RequestTimeTooSkewed'), 'permission', true, false],
    [answered(400, 'BadDigest'), 'integrity', false, false],
    [answered(400, 'RequestTimeout'), 'timeout', true, false],
    [answered(400, 'SomethingNew'), 'backend', false, false],
    [answered(507), 'no-space', false, false],
    [broken('ECONNRESET'), 'backend', true, 'unknown'],
    [broken('ECONNREFUSED'), 'backend', true, false],
    [broken('ENOTFOUND'), 'backend', true, false],
    [Object.assign(new Error('x'), { name: 'TimeoutError' }), 'timeout', true, 'unknown'],
    [new Error('socket hang up'), 'backend', true, 'unknown'],
    ['no error at all', 'backend', false, 'unknown'],
  ] as const)('%s', (error, code, retryable, applied) => {
    expect(toFieldFileError(error, context)).toMatchObject({ code, retryable, applied, cause: error });
    expect(toFieldFileError(error, { ...context, writes: false }).applied).toBe(false);
  });
});
