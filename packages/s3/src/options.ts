import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { FieldFileError, type StorageOptions } from '@fieldfile/storage';
import { withoutPassword } from '@fieldfile/storage/backend';

/**
 * Which conditions of a write the server keeps. `'supported'`: all that S3 has. `'put-only'`: those of PutObject alone
 * (Ceph). `'unsupported'`: none, so that nothing can be created without a risk of overwriting.
 */
export type ConditionalWrites = 'supported' | 'put-only' | 'unsupported';

/** What every object gets when it is written, in the SDK's words. */
export type ObjectParameters = Pick<
  PutObjectCommandInput,
  | 'ACL'
  | 'BucketKeyEnabled'
  | 'CacheControl'
  | 'ContentDisposition'
  | 'ContentEncoding'
  | 'ContentLanguage'
  | 'ContentType'
  | 'Expires'
  | 'ServerSideEncryption'
  | 'SSEKMSEncryptionContext'
  | 'SSEKMSKeyId'
  | 'StorageClass'
  | 'Tagging'
>;

/** What a bucket's policy may insist on. Not the storage class: some cost for a month at the least. */
export function encryptionOf({
  ServerSideEncryption,
  SSEKMSKeyId,
  BucketKeyEnabled,
  SSEKMSEncryptionContext,
}: ObjectParameters): ObjectParameters {
  return { ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled, SSEKMSEncryptionContext };
}

/** What an S3 storage can be told. */
export interface S3StorageOptions extends StorageOptions {
  /**
   * Default: `s3:<bucketName>` on Amazon's own service, else with the endpoint. Needed where that cannot be told: with a
   * `client` that has an endpoint of its own, for an access point, in China and in GovCloud.
   */
  readonly id?: string;
  /** The bucket; it must exist. */
  readonly bucketName: string;
  /** Keep every object below this prefix, `media` or `media/tenant-7`. Names are without it. Default: none. */
  readonly location?: string;
  /**
   * A client to use, and to leave open when the storage is closed. Middleware that it is given after the storage's first
   * request is not used. Default: one made of the options below.
   */
  readonly client?: S3Client;
  /** Default: what the SDK finds (`AWS_REGION`, the profile). */
  readonly regionName?: string;
  /** Address of another service that speaks S3, `https://s3.example.com`. Default: Amazon's. */
  readonly endpointUrl?: string;
  /** With `secretKey`. Default: what the SDK finds (environment, profile, role of the machine). */
  readonly accessKey?: string;
  readonly secretKey?: string;
  /** The session token of temporary keys. */
  readonly securityToken?: string;
  /** Default: `'path'` with `endpointUrl`, else `'virtual'`. */
  readonly addressingStyle?: 'path' | 'virtual';
  /**
   * Whether uploads carry a CRC32 for the server to verify and keep. Some look-alikes refuse them, or store the bytes of
   * a trailing checksum with the content. Default: `'when-required'` with `endpointUrl`, else `'when-supported'`.
   */
  readonly checksums?: 'when-supported' | 'when-required';
  /** A connection on which no byte moves for this long is given up. Default: 60. */
  readonly timeoutSeconds?: number;
  /**
   * Default: `'supported'` on Amazon's own service. Elsewhere it is proved, before the first object is created and by an
   * object `.fieldfile` below `location`; nothing is proved that is said here. See `S3Storage.probe`.
   */
  readonly conditionalWrites?: ConditionalWrites;
  /** Size of the parts in which content of unknown length goes up, from 5 MiB to 5 GiB. Default: 8 MiB. */
  readonly partSizeBytes?: number;
  /** Parts of one upload under way at once. Default: 4. */
  readonly queueSize?: number;
  /** What every object gets, or a function of its name. What a save says itself goes before it. */
  readonly objectParameters?: ObjectParameters | ((name: string) => ObjectParameters);
  /**
   * 32 bytes with which the service encrypts every object and which it forgets again (SSE-C): it reads nothing without
   * them, and neither do URLs. Needs https. Objects without that name cannot be read through this storage.
   */
  readonly sseCustomerKey?: Uint8Array;
  /**
   * Address of the service in URLs, `https://files.example.com`, where who reads them reaches it by another name than
   * `endpointUrl`. Signed URLs and uploads lead there, too. Default: where the client goes.
   */
  readonly urlEndpoint?: string;
  /** Domain of public URLs, `cdn.example.com` or `cdn.example.com/media`, which serves the bucket below it. */
  readonly customDomain?: string;
  /** Of `customDomain`. Default: `'https:'`. */
  readonly urlProtocol?: 'https:' | 'http:';
  /** With `cloudfrontKey` and `customDomain`: signed URLs are CloudFront's. */
  readonly cloudfrontKeyId?: string;
  /** The private RSA key, in PEM. */
  readonly cloudfrontKey?: string;
  /**
   * Signed URLs are made anew only this often and are valid for that much longer: the same object has the same URL for
   * as long, and a browser finds it in its cache. Default: 1.
   */
  readonly expiryStepSeconds?: number;
}

export const MEBIBYTE: number = 1024 * 1024;
const GIBIBYTE = 1024 * MEBIBYTE;

/** Options that only say how a client is to be made. */
const OF_OWN_CLIENT = [
  'accessKey',
  'secretKey',
  'securityToken',
  'addressingStyle',
  'checksums',
  'timeoutSeconds',
] as const;

/** @throws `invalid-argument`, naming the option and the fix, never a secret. */
export function checkOptions(options: S3StorageOptions): void {
  const { bucketName, location, endpointUrl, customDomain, partSizeBytes, queueSize } = options;
  if (typeof bucketName !== 'string' || !/^(?:[a-zA-Z0-9][\w.-]{1,254}|arn:[\w:/.-]+)$/.test(bucketName))
    refuse('bucketName', bucketName, 'give the name of a bucket, or the ARN of an access point');
  if (location !== undefined && (typeof location !== 'string' || /^\/|\/$/.test(location)))
    refuse('location', location, 'give a prefix such as "media", without "/" around it');
  if (endpointUrl !== undefined && !isHttp(endpointUrl))
    refuse('endpointUrl', endpointUrl, 'give a URL such as "https://s3.example.com"');
  const { urlEndpoint } = options;
  if (urlEndpoint !== undefined && (!isHttp(urlEndpoint) || urlEndpoint.includes('@')))
    refuse('urlEndpoint', '…', 'give a URL such as "https://files.example.com", without a password');
  oneOf('addressingStyle', options.addressingStyle, ['path', 'virtual']);
  oneOf('checksums', options.checksums, ['when-supported', 'when-required']);
  oneOf('conditionalWrites', options.conditionalWrites, ['supported', 'put-only', 'unsupported']);
  oneOf('urlProtocol', options.urlProtocol, ['https:', 'http:']);
  wholeNumber('partSizeBytes', partSizeBytes, 5 * MEBIBYTE, 5 * GIBIBYTE);
  wholeNumber('queueSize', queueSize, 1, 1000);
  wholeNumber('timeoutSeconds', options.timeoutSeconds, 1, 86_400);
  wholeNumber('expiryStepSeconds', options.expiryStepSeconds, 1, 86_400);
  const { sseCustomerKey } = options;
  if (sseCustomerKey !== undefined && !(sseCustomerKey instanceof Uint8Array && sseCustomerKey.length === 32))
    refuse('sseCustomerKey', '…', 'give 32 bytes, as a Uint8Array');
  if (customDomain !== undefined && !isHost(customDomain))
    refuse(
      'customDomain',
      customDomain,
      'give a host such as "cdn.example.com", with a path if there is one, without "https://"',
    );
  if (options.client !== undefined)
    for (const option of OF_OWN_CLIENT)
      if (options[option] !== undefined) refuseTogether('client', option, 'give that to the client');
  together(options, 'accessKey', 'secretKey');
  together(options, 'cloudfrontKeyId', 'cloudfrontKey');
  if (options.securityToken !== undefined && options.accessKey === undefined)
    refuseTogether('securityToken', 'no accessKey', 'give both');
  if (options.cloudfrontKeyId !== undefined && customDomain === undefined)
    refuseTogether('cloudfrontKeyId', 'no customDomain', 'give the domain of the distribution');
}

function oneOf(option: string, value: unknown, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value as string)) return;
  refuse(option, value, `give ${allowed.map(one => `'${one}'`).join(' or ')}`);
}

function wholeNumber(option: string, value: unknown, least: number, most: number): void {
  if (value === undefined) return;
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return;
  refuse(option, value, `give a whole number from ${least} to ${most}`);
}

function together(
  options: S3StorageOptions,
  first: keyof S3StorageOptions,
  second: keyof S3StorageOptions,
): void {
  if ((options[first] === undefined) === (options[second] === undefined)) return;
  refuseTogether(first, `no ${second}`, 'give both or neither');
}

const isHttp = (value: unknown): boolean =>
  typeof value === 'string' && /^https?:\/\/[^?#]+$/.test(value) && URL.canParse(value);

/** With a path, if it is one that no client would resolve. */
const isHost = (value: unknown): boolean =>
  typeof value === 'string' &&
  /^[\w.-]+(?::\d+)?(?:\/[^\s?#\\]*)?$/.test(value) &&
  !value.split('/').some(segment => segment === '.' || segment === '..') &&
  URL.canParse(`https://${value}`);

function refuse(option: string, value: unknown, fix: string): never {
  throw new FieldFileError(
    'invalid-argument',
    `S3Storage cannot use ${option} ${typeof value === 'string' ? withoutPassword(JSON.stringify(value)) : String(value)}: ${fix}.`,
    { operation: 'construct' },
  );
}

function refuseTogether(first: string, second: string, fix: string): never {
  throw new FieldFileError('invalid-argument', `S3Storage cannot use ${first} with ${second}: ${fix}.`, {
    operation: 'construct',
  });
}
