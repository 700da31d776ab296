import { FaultProxy } from '@fieldfile/test-servers/fault-proxy';
import { type S3Imitation, startS3Server } from '@fieldfile/test-servers/s3';
import { describe, expect, test } from 'vitest';
import { optionsFor } from '../test/open-storage.ts';
import { toFieldFileError } from './errors.ts';
import type { S3StorageOptions } from './options.ts';
import { S3Storage } from './storage.ts';

const CONTEXT = { operation: 'read', storage: 's3:media', bucket: 'media', name: 'a.txt', writes: true };

const meaningOf = (status: number, name = 'UnknownError', more: object = {}) =>
  toFieldFileError(
    Object.assign(new Error('UnknownError'), { name, $metadata: { httpStatusCode: status }, ...more }),
    CONTEXT,
  );

test.each([
  [400, 'InvalidObjectState', 'unsupported', 'RestoreObject'],
  [403, 'InvalidObjectState', 'unsupported', 'RestoreObject'],
  [400, 'ExpiredToken', 'permission', 'session token'],
  [400, 'UnknownError', 'backend', 'status 400'],
  [401, 'UnknownError', 'permission', 'credentials'],
  [413, 'UnknownError', 'too-large', 'status 413'],
  [302, 'UnknownError', 'backend', 'endpointUrl'],
  [405, 'MethodNotAllowed', 'unsupported', 'MethodNotAllowed'],
  [501, 'NotImplemented', 'unsupported', 'NotImplemented'],
])('a status %i and the word %s mean %s', (status, name, code, text) => {
  const error = meaningOf(status, name);
  expect(error).toMatchObject({ code, applied: false, retryable: false });
  expect(error.message).toContain(text);
});

test('another region is named, from a header or the body, and nothing was done', () => {
  const headers = { 'x-amz-bucket-region': 'eu-south-2' };
  for (const error of [
    meaningOf(301, 'PermanentRedirect', { $response: { headers } }),
    meaningOf(301, 'UnknownError', { $response: { headers } }),
    meaningOf(307, 'TemporaryRedirect', { $response: { headers } }),
    meaningOf(400, 'AuthorizationHeaderMalformed', { Region: 'eu-south-2' }),
  ]) {
    expect(error).toMatchObject({ code: 'backend', applied: false, retryable: false });
    expect(error.message).toContain('region eu-south-2: set regionName');
  }
});

test('what never became a request is no matter of the network', () => {
  const error = toFieldFileError(
    Object.assign(new Error('Invalid character'), { code: 'ERR_INVALID_CHAR' }),
    CONTEXT,
  );
  expect(error).toMatchObject({ code: 'invalid-argument', retryable: false, applied: false });
});

const STATED = { conditionalWrites: 'supported' } as const;

async function on(
  imitates: S3Imitation,
  options: Partial<S3StorageOptions>,
  use: (storage: S3Storage) => Promise<void>,
): Promise<void> {
  await using server = await startS3Server({ buckets: ['media'], region: 'eu-central-1', imitates });
  await using storage = new S3Storage(optionsFor(server, options));
  await use(storage);
}

const HEADS: Readonly<Record<string, (storage: S3Storage) => Promise<unknown>>> = {
  info: storage => storage.info('a.txt'),
  exists: storage => storage.exists('a.txt'),
  'a save that asks first': storage => storage.save('a.txt', new Uint8Array(6 * 1024 * 1024)),
};

describe.each(Object.entries(HEADS))('a HEAD that is refused says why (%s)', (_, head) => {
  test('an expired token is a matter of permission', async () => {
    await on({ refusesTokens: true }, { ...STATED, securityToken: 'expired' }, async storage => {
      await expect(head(storage)).rejects.toMatchObject({
        code: 'permission',
        retryable: false,
        applied: false,
        message: expect.stringMatching(/session token.*ExpiredToken/),
      });
    });
  });

  test('a wrong key is told from a policy', async () => {
    await on({}, { ...STATED, secretKey: 'wrong' }, async storage => {
      await expect(head(storage)).rejects.toMatchObject({
        code: 'permission',
        message: expect.stringMatching(/secret key.*SignatureDoesNotMatch/),
      });
    });
  });
});

test('a HEAD that is refused costs one request more, and one that finds nothing costs none', async () => {
  await using server = await startS3Server({ buckets: ['media'], imitates: { refusesTokens: true } });
  await using proxy = await FaultProxy.start(server.endpoint);
  const requests: string[] = [];
  proxy.plan = ({ method, path }) => {
    requests.push(`${method} ${path}`);
    return undefined;
  };
  const seen = () => requests.splice(0);
  const options = optionsFor(server, { ...STATED, endpointUrl: proxy.endpoint });
  await using refused = new S3Storage({ ...options, securityToken: 'expired' });
  await expect(refused.exists('a.txt')).rejects.toMatchObject({ code: 'permission' });
  expect(seen()).toEqual(['HEAD /media/a.txt', 'GET /media/a.txt']);
  await using storage = new S3Storage(options);
  await storage.save('b.txt', 'one');
  seen();
  expect([await storage.exists('b.txt'), await storage.exists('a.txt')]).toEqual([true, false]);
  expect(seen()).toEqual(['HEAD /media/b.txt', 'HEAD /media/a.txt']);
});

test('a HEAD that is refused stays what it was where nothing says why', async () => {
  await using server = await startS3Server({ buckets: ['media'] });
  await using proxy = await FaultProxy.start(server.endpoint);
  await using storage = new S3Storage(optionsFor(server, { ...STATED, endpointUrl: proxy.endpoint }));
  await storage.save('a.txt', 'one');
  proxy.plan = ({ method }) => (method === 'HEAD' ? { kind: 'status', status: 403 } : undefined);
  await expect(storage.exists('a.txt')).rejects.toMatchObject({ code: 'permission' });
  proxy.plan = ({ method }) =>
    method === 'HEAD' ? { kind: 'status', status: 403 } : { kind: 'lost-answer' };
  await expect(storage.exists('a.txt')).rejects.toMatchObject({ code: 'permission', retryable: false });
});

test.each([{ redirectsRegions: true }, {}])(
  'a bucket of another region says where it is (%j)',
  async imitates => {
    await on(imitates, { regionName: 'us-east-1', conditionalWrites: 'supported' }, async storage => {
      for (const call of [
        () => storage.save('a.txt', 'one'),
        () => storage.open('a.txt'),
        () =>
          storage
            .copy('a.txt', 'b.txt')
            .catch(error => (imitates.redirectsRegions ? Promise.reject(error) : storage.listdir())),
        () => storage.listdir(),
      ])
        await expect(call()).rejects.toMatchObject({
          code: 'backend',
          applied: false,
          message: expect.stringContaining('region eu-central-1'),
        });
    });
  },
);

test.each([3600, -3600, 40_000])(
  'a clock that is wrong by %i s is made up for, whatever is asked first',
  async clockAheadSeconds => {
    for (const first of [
      (storage: S3Storage) => storage.exists('a.txt'),
      (storage: S3Storage) => storage.save('a.txt', 'one'),
      (storage: S3Storage) => storage.listdir(),
    ])
      await on({ clockAheadSeconds }, {}, async storage => {
        await first(storage);
        const name = await storage.save('b.txt', 'two');
        await using opened = await storage.open(name);
        expect(await opened.text()).toBe('two');
      });
  },
);

test.each(['GLACIER', 'DEEP_ARCHIVE'] as const)('an object in %s is told as archived', async StorageClass => {
  await on({}, { objectParameters: { StorageClass } }, async storage => {
    const name = await storage.save('a.txt', 'one');
    expect((await storage.info(name)).sizeBytes).toBe(3);
    for (const call of [() => storage.open(name), () => storage.copy(name, 'b.txt')])
      await expect(call()).rejects.toMatchObject({
        code: 'unsupported',
        retryable: false,
        message: expect.stringContaining('RestoreObject'),
      });
  });
});

test('parameters of objects that no header can have are refused by their name', async () => {
  for (const ContentDisposition of ['gr\u00f6\u00dfe', '\u65e5\u672c', 'a\nb'])
    await on({}, { objectParameters: { ContentDisposition } }, async storage => {
      await expect(storage.save('a.txt', 'one')).rejects.toMatchObject({
        code: 'invalid-argument',
        retryable: false,
        message: expect.stringContaining('objectParameters.ContentDisposition'),
      });
    });
});
