import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { S3StorageOptions } from './options.ts';
import { S3Storage } from './storage.ts';

const REFUSED: readonly (readonly [string, object])[] = [
  ['bucketName', {}],
  ['bucketName', { bucketName: '' }],
  ['bucketName', { bucketName: 'a/b' }],
  ['location', { location: '/media' }],
  ['location', { location: 'media/' }],
  ['endpointUrl', { endpointUrl: 'localhost:9000' }],
  ['partSizeBytes', { partSizeBytes: 1024 }],
  ['partSizeBytes', { partSizeBytes: 5.5 * 1024 ** 2 + 0.5 }],
  ['queueSize', { queueSize: 0 }],
  ['addressingStyle', { addressingStyle: 'host' }],
  ['checksums', { checksums: 'never' }],
  ['conditionalWrites', { conditionalWrites: 'maybe' }],
  ['customDomain', { customDomain: 'https://cdn.example.com' }],
  ['accessKey', { accessKey: 'key' }],
  ['securityToken', { securityToken: 'token' }],
  ['cloudfrontKeyId', { cloudfrontKeyId: 'K1', customDomain: 'cdn.example.com' }],
  ['cloudfrontKeyId', { cloudfrontKeyId: 'K1', cloudfrontKey: 'pem' }],
  ['expiryStepSeconds', { expiryStepSeconds: 0.5 }],
  ['sseCustomerKey', { sseCustomerKey: new Uint8Array(16) }],
  ['accessKey', { client: {}, accessKey: 'key', secretKey: 'secret' }],
];

test.each(REFUSED)('refuses a bad %s before any request: %o', (option, given) => {
  const options = { bucketName: 'media', ...given } as unknown as S3StorageOptions;
  if (option === 'bucketName' && Object.keys(given).length === 0)
    Reflect.deleteProperty(options, 'bucketName');
  expect(() => new S3Storage(options)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  expect(() => new S3Storage(options)).toThrow(option);
});

test('a location that is no name is refused', () => {
  expect(() => new S3Storage({ bucketName: 'media', location: 'a/../b' })).toThrow(
    expect.objectContaining({ code: 'suspicious-name' }),
  );
});

test('shows no secret, however it is looked at', () => {
  const storage = new S3Storage({
    bucketName: 'media',
    regionName: 'eu-central-1',
    accessKey: 'the-access-key',
    secretKey: 'the-secret-key',
    securityToken: 'the-token',
    sseCustomerKey: Buffer.from('the-customer-key-of-32-bytes-....'.slice(0, 32)),
  });
  for (const value of [storage, storage.backend])
    expect(`${inspect(value, { depth: 20, showHidden: true })}${JSON.stringify(value)}`).not.toMatch(
      /the-secret-key|the-token|the-access-key|the-customer-key|74 68 65 2d 63|dGhlLWN1c3Rv/,
    );
});

test('an id names bucket and service, so that two storages of one place have one', () => {
  expect(new S3Storage({ bucketName: 'media' }).id).toBe('s3:media');
  const elsewhere = { bucketName: 'media', endpointUrl: 'https://s3.example.com/' };
  expect(new S3Storage(elsewhere).id).toBe('s3:https://s3.example.com/media');
  expect(new S3Storage({ ...elsewhere, location: 'a/b' }).id).toBe('s3:https://s3.example.com/media/a/b');
});
