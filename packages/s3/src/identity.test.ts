import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { Storage, withPrefix } from '@fieldfile/storage';
import { startS3Server } from '@fieldfile/test-servers/s3';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { S3StorageOptions } from './options.ts';
import { S3Storage } from './storage.ts';

const invalid = expect.objectContaining({ code: 'invalid-argument' });
const opened: Storage[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const storage of opened.splice(0)) await storage[Symbol.asyncDispose]();
});

function open(options: Partial<S3StorageOptions>): S3Storage {
  const storage = new S3Storage({ bucketName: 'media', ...options });
  opened.push(storage);
  return storage;
}

const client = (config: S3ClientConfig): S3Client => new S3Client({ region: 'eu-central-1', ...config });

describe('an id says which objects are meant', () => {
  test.each<[string, Partial<S3StorageOptions>]>([
    ['s3:media', {}],
    ['s3:media', { regionName: 'eu-central-1' }],
    ['s3:media', { endpointUrl: 'https://s3.amazonaws.com' }],
    ['s3:media', { endpointUrl: 'https://s3.eu-central-1.amazonaws.com/' }],
    ['s3:media', { endpointUrl: 'https://s3.dualstack.eu-central-1.amazonaws.com' }],
    ['s3:media', { endpointUrl: 'https://bucket.vpce-1a2b.s3.us-east-1.vpce.amazonaws.com' }],
    ['s3:media', { client: client({}) }],
    ['s3:media/a/b', { location: 'a/b' }],
    ['s3:http://localhost:9000/media', { endpointUrl: 'http://localhost:9000' }],
    ['s3:http://localhost:9000/media', { endpointUrl: 'http://user:password@LOCALHOST:9000//' }],
    ['s3:https://s3.example.com/media', { endpointUrl: 'https://s3.example.com:443/' }],
    ['s3:https://example.com/s3/media/a', { endpointUrl: 'https://example.com/s3/', location: 'a' }],
    ['s3:http://localhost:9000/media', { endpointUrl: 'http://localhost:9000', client: client({}) }],
    ['mine', { id: 'mine', location: 'a' }],
    ['mine', { id: 'mine', client: client({ endpoint: 'http://localhost:9000' }) }],
    ['mine', { id: 'mine', regionName: 'us-gov-west-1' }],
    ['mine', { id: 'mine', bucketName: 'arn:aws:s3:eu-central-1:123456789012:accesspoint/one' }],
  ])('%s: %o', (id, options) => {
    expect(open(options).id).toBe(id);
  });

  test.each<[string, Partial<S3StorageOptions>]>([
    ['a client with an endpoint of its own', { client: client({ endpoint: 'http://localhost:9000' }) }],
    ['China', { regionName: 'cn-north-1' }],
    ['GovCloud', { endpointUrl: 'https://s3-fips.us-gov-west-1.amazonaws.com' }],
    ['an access point', { bucketName: 'arn:aws:s3:eu-central-1:123456789012:accesspoint/one' }],
    ['the alias of an access point', { bucketName: 'one-abcdef-s3alias' }],
  ])('%s needs the option id', (_, options) => {
    expect(() => open(options)).toThrow('needs the option id');
    expect(() => open(options)).toThrow(invalid);
  });

  test('an endpoint of the environment is one', () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://localhost:9000');
    expect(open({}).id).toBe('s3:http://localhost:9000/media');
    vi.stubEnv('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'true');
    expect(open({}).id).toBe('s3:media');
  });

  test('a region of the environment is looked at before the first request', async () => {
    vi.stubEnv('AWS_REGION', 'cn-north-1');
    await expect(open({ accessKey: 'a', secretKey: 'b' }).exists('a')).rejects.toThrow('aws-cn');
    await expect(open({ client: client({ region: 'us-gov-west-1' }) }).exists('a')).rejects.toEqual(invalid);
  });

  test('what version 0.1.0 called it is a former id', () => {
    const { formerIds } = open({
      endpointUrl: 'https://S3.example.com:443/',
      location: 'a',
      formerIds: ['x'],
    });
    expect(formerIds).toEqual(['x', 's3:https://S3.example.com:443/media/a']);
    expect(open({}).formerIds).toEqual([]);
  });
});

describe('two storages of one place', () => {
  test('are the same one by whatever address', () => {
    open({});
    expect(() => open({ regionName: 'eu-central-1' })).not.toThrow();
    expect(() => open({ id: 'mine' })).toThrow(invalid);
    expect(() => open({ location: 'a' })).toThrow(invalid);
    expect(() => open({ endpointUrl: 'http://localhost:9000' })).not.toThrow();
    expect(() => open({ endpointUrl: 'https://localhost:9000' })).toThrow(invalid);
  });

  test('may lie beside each other, and not inside', () => {
    open({ location: 'a' });
    open({ location: 'ab' });
    expect(() => open({ location: 'a/b' })).toThrow(/overlaps with storage "s3:media\/a"/);
    expect(() => open({})).toThrow(invalid);
  });

  test('of two given clients are told when the second is first used', async () => {
    await using server = await startS3Server({ buckets: ['media'] });
    const { accessKeyId, secretAccessKey, endpoint, region } = server;
    const own = (id: string, location: string): S3Storage =>
      open({
        id,
        location,
        client: new S3Client({
          endpoint,
          region,
          forcePathStyle: true,
          credentials: { accessKeyId, secretAccessKey },
        }),
      });
    const [first, inside, same, beside] = [
      own('one', 'a'),
      own('two', 'a/b'),
      own('one', 'a'),
      own('three', 'b'),
    ];
    await first.save('a.txt', 'one');
    expect(await same.exists('a.txt')).toBe(true);
    await expect(inside.save('a.txt', 'two')).rejects.toEqual(invalid);
    await expect(inside.list().next()).rejects.toEqual(invalid);
    await beside.save('a.txt', 'three');
    await first[Symbol.asyncDispose]();
    await same[Symbol.asyncDispose]();
    expect(await inside.exists('a.txt')).toBe(false);
  });

  test('are refused as one id for two places', () => {
    open({ id: 'mine' });
    expect(() => open({ id: 'mine', bucketName: 'other' })).toThrow(
      'has the id of a storage of another place',
    );
  });

  test('a part that was made of the very storage is one on purpose', async () => {
    const whole = open({ location: 'a' });
    const part = new Storage(withPrefix(whole.backend, 'b'));
    opened.push(part);
    expect(part.id).toBe('s3:media/a/b');
    expect(() => new Storage(withPrefix(whole.backend, 'b/c'))).toThrow(invalid);
  });
});
