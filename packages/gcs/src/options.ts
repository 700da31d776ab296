import type { Agent } from 'node:http';
import { FieldFileError, type StorageOptions } from '@fieldfile/storage';
import { withoutPassword } from '@fieldfile/storage/backend';
import { Storage as Client } from '@google-cloud/storage';
import type { ObjectParametersOption } from './attributes.ts';
import { UPLOAD_QUANTUM_BYTES } from './bucket.ts';

/** What a Google Cloud Storage can be told. Names are those of django-storages where it has one. */
export interface GcsStorageOptions extends StorageOptions {
  /** The bucket. It must exist. */
  readonly bucketName: string;
  /** All objects lie below `location/`. Default: the top of the bucket. */
  readonly location?: string;
  /** A client of the SDK, for whatever can be configured there. With it none of the next three. */
  readonly client?: Client;
  /** Default: what the environment says. */
  readonly projectId?: string;
  /** A service account's. Default: what the environment has ("application default credentials"). */
  readonly credentials?: { readonly client_email: string; readonly private_key: string };
  /** Another endpoint than `https://storage.googleapis.com`; an emulator's gets no credentials. */
  readonly apiEndpoint?: string;
  /**
   * Carries the requests: one of `node:https`, or of `node:http` for such an endpoint, to go through a proxy or trust
   * another certificate. Default: one of its own, which goes where `HTTPS_PROXY` says on Node 22.21, 24.5 and newer.
   */
  readonly agent?: Agent;
  /**
   * What URLs begin with instead of the endpoint and the bucket: a CDN or custom domain that leads to the bucket. What
   * leads there cuts its path off, unless that is the bucket's name: so it is signed.
   */
  readonly customEndpoint?: string;
  /** Given to every object, or, as a function, to each by its name. What a call says goes first. */
  readonly objectParameters?: ObjectParametersOption;
  /** A predefined ACL, e.g. `publicRead`; refused by buckets with uniform access. Default: none, what the bucket says. */
  readonly defaultAcl?: string;
  /** The Cloud KMS key that encrypts what is written. Default: the bucket's. */
  readonly kmsKeyName?: string;
  /** The project that pays, where the requester does. */
  readonly userProject?: string;
  /**
   * Content that is larger goes up in parts of so many bytes, of which two are in memory; a multiple of 262,144.
   * Default: 8 MiB.
   */
  readonly blobChunkSize?: number;
  /** Longest silence of the service, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number;
  /**
   * Signed URLs begin and expire at whole multiples of this: an object has the same URL for as long, and a browser finds it
   * in its cache. Default: 1.
   */
  readonly expiryStepSeconds?: number;
  /** How `signedUpload` is done: a `PUT` of the bytes, or the `POST` of a form. Default: `'PUT'`, which binds more. */
  readonly signedUploadMethod?: 'PUT' | 'POST';
  /** Where IAM signs, for credentials without a key. Default: Google's. */
  readonly signingEndpoint?: string;
}

/** @throws `invalid-argument`, naming the option and the fix. */
export function checkOptions(options: GcsStorageOptions): GcsStorageOptions {
  const { bucketName, client, projectId, credentials, apiEndpoint, customEndpoint } = options;
  // https://cloud.google.com/storage/docs/buckets#naming
  if (typeof bucketName !== 'string' || !/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(bucketName))
    refuse('bucketName', bucketName, 'give the name of a bucket, such as "my-media", without "gs://"');
  if (client !== undefined && (projectId ?? credentials ?? apiEndpoint) !== undefined)
    refuse('client', 'beside projectId, credentials or apiEndpoint', 'tell the client itself');
  if (client !== undefined && typeof client.authClient?.getRequestHeaders !== 'function')
    refuse('client', 'of another kind', 'give a Storage of @google-cloud/storage 8');
  if (
    credentials !== undefined &&
    (typeof credentials.client_email !== 'string' || typeof credentials.private_key !== 'string')
  )
    refuse('credentials', 'of that form', 'give an object with client_email and private_key');
  checkAddress('apiEndpoint', apiEndpoint);
  checkAddress('customEndpoint', customEndpoint);
  checkAddress('signingEndpoint', options.signingEndpoint);
  const { blobChunkSize, timeoutMs, expiryStepSeconds, signedUploadMethod = 'PUT' } = options;
  if (blobChunkSize !== undefined && (!isCount(blobChunkSize) || blobChunkSize % UPLOAD_QUANTUM_BYTES !== 0))
    refuse('blobChunkSize', blobChunkSize, 'give a multiple of 262144 bytes, such as 8 * 1024 * 1024');
  if (timeoutMs !== undefined && !isCount(timeoutMs))
    refuse('timeoutMs', timeoutMs, 'give milliseconds above 0');
  if (expiryStepSeconds !== undefined && !isCount(expiryStepSeconds))
    refuse('expiryStepSeconds', expiryStepSeconds, 'give a whole number of seconds, at least 1');
  if (signedUploadMethod !== 'PUT' && signedUploadMethod !== 'POST')
    refuse('signedUploadMethod', signedUploadMethod, "give 'PUT' or 'POST'");
  return options;
}

/** The SDK's client as the options say. Makes no request. */
export function clientOf({ client, projectId, credentials, apiEndpoint }: GcsStorageOptions): Client {
  if (client) return client;
  const made = new Client({
    ...(projectId === undefined ? {} : { projectId }),
    ...(apiEndpoint === undefined ? {} : { apiEndpoint }),
  });
  // Not by the SDK's option `credentials`: it would print a warning about credentials out of unknown hands.
  if (credentials) made.authClient.jsonContent = { type: 'service_account', ...credentials };
  return made;
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;

function checkAddress(option: string, value: string | undefined): void {
  if (value === undefined) return;
  if (typeof value !== 'string' || !/^https?:\/\/[^?#\s]+$/.test(value) || !URL.canParse(value))
    refuse(option, value, 'give an http(s) URL without "?" and "#"');
}

function refuse(option: string, value: unknown, fix: string): never {
  throw new FieldFileError(
    'invalid-argument',
    `GcsStorage cannot use ${option} ${typeof value === 'string' ? withoutPassword(JSON.stringify(value)) : String(value)}: ${fix}.`,
    { operation: 'construct' },
  );
}
