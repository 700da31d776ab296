import {
  FieldFileError,
  type SignedUpload,
  type SignedUploadOptions,
  type UrlOptions,
} from '@fieldfile/storage';
import {
  checkUploadName,
  contentDisposition,
  type ObjectName,
  responseHeaders,
  withoutUser,
} from '@fieldfile/storage/backend';
import type { File } from '@google-cloud/storage';
import { WRITE_ID } from './resource.ts';
import { formFields, type GivenToObjects, uploadHeaders } from './upload-headers.ts';

/** What a signed upload to Google Cloud Storage binds: the service checks all of it. A `POST` may overwrite. */
export type BoundOnGcs =
  | 'method'
  | 'name'
  | 'expiry'
  | 'type'
  | 'exact-length'
  | 'max-length'
  | 'digest'
  | 'no-overwrite'
  | 'replaces';

/** The longest a V4 signature is good for. */
const LONGEST_EXPIRY_SECONDS = 7 * 24 * 60 * 60;

export interface SigningContext {
  readonly file: File;
  readonly name: ObjectName;
  readonly storage: string;
  /** A host that stands for the bucket. */
  readonly customEndpoint: string | undefined;
  readonly stepSeconds: number;
  readonly signingEndpoint: string | undefined;
  readonly given: GivenToObjects;
}

/** The address below `base`, each segment escaped, and without a password. */
export const addressOf = (base: string, name: ObjectName): string =>
  `${withoutUser(base).replace(/\/+$/, '')}/${name.split('/').map(escapeSegment).join('/')}`;

const escapeSegment = (segment: string): string =>
  encodeURIComponent(segment).replace(
    /[!'()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** A V4 signed `GET`. Local with a key at hand, else IAM signs. */
export async function signedUrl(context: SigningContext, options: UrlOptions): Promise<string> {
  const { contentType } = options;
  const [header] = Object.keys(responseHeaders(options));
  if (header !== undefined)
    throw new FieldFileError(
      'unsupported',
      `Google Cloud Storage answers with the ${header} that the object has: give it when the object is written.`,
      { operation: 'signUrl', storage: context.storage, name: context.name },
    );
  const disposition = contentDisposition(options);
  return sign(context, options, {
    action: 'read',
    ...(disposition === undefined ? {} : { responseDisposition: disposition }),
    ...(contentType === undefined ? {} : { responseType: contentType }),
  });
}

/**
 * A `PUT` of the bytes: the headers are signed, and what they say is enforced, what the storage gives every object among
 * it. It creates and never overwrites, or replaces the one version that was given.
 */
export async function signedPut(
  context: SigningContext,
  options: SignedUploadOptions,
): Promise<SignedUpload<BoundOnGcs>> {
  const { exactBytes, maxBytes, replaces } = options;
  const digest = options.digest?.algorithm === 'md5' ? { 'content-md5': options.digest.base64 } : {};
  const given = headersFor(context, options);
  const enforced = new Set<BoundOnGcs>([
    'method',
    'name',
    'expiry',
    replaces ? 'replaces' : 'no-overwrite',
    ...boundBy(options, given),
    ...('content-md5' in digest ? (['digest'] as const) : []),
  ]);
  const length = lengthRange(exactBytes, maxBytes);
  const headers: Record<string, string> = {
    ...given,
    ...digest,
    ...(replaces ? { [`x-goog-meta-${WRITE_ID}`]: replaces.writeId } : {}),
    'x-goog-if-generation-match': replaces?.version ?? '0',
    ...(length ? { 'x-goog-content-length-range': length.join(',') } : {}),
  };
  const url = await sign(context, options, { action: 'write', extensionHeaders: headers });
  return { method: 'PUT', url, headers, enforced };
}

/** The `POST` of a form: the file is its last field. It may overwrite, since a policy cannot say otherwise. */
export async function signedPost(
  context: SigningContext,
  options: SignedUploadOptions,
): Promise<SignedUpload<BoundOnGcs>> {
  const { exactBytes, maxBytes } = options;
  const given = headersFor(context, options);
  const enforced = new Set<BoundOnGcs>(['method', 'name', 'expiry', ...boundBy(options, given)]);
  const asked = formFields(given, context.name, context.storage);
  const length = lengthRange(exactBytes, maxBytes);
  const { expires } = periodOf(context, options);
  const [{ url, fields }] = await signing(context, 'signUpload', () =>
    context.file.generateSignedPostPolicyV4({
      expires,
      ...(length ? { conditions: [['content-length-range', ...length]] } : {}),
      fields: asked,
    }),
  );
  // Not told to the SDK, which lets the client's own endpoint go before it.
  const { customEndpoint } = context;
  const address = customEndpoint === undefined ? url : `${customEndpoint.replace(/\/+$/, '')}/`;
  return { method: 'POST', url: withoutUser(address), headers: {}, fields, enforced };
}

/** What the object gets, as headers; none of it may be for whoever uploads to choose. */
function headersFor(
  { name, given, storage }: SigningContext,
  options: SignedUploadOptions,
): Record<string, string> {
  const headers = uploadHeaders(name, given, options, storage);
  checkUploadName(name, headers);
  return headers;
}

type Config = Partial<Parameters<File['getSignedUrl']>[0]> & { readonly action: 'read' | 'write' };

async function sign(context: SigningContext, options: UrlOptions, config: Config): Promise<string> {
  const { file, customEndpoint, signingEndpoint } = context;
  const period = periodOf(context, options);
  const { path, ...leadsTo } = customEndpoint === undefined ? NOWHERE : placeOf(customEndpoint, file);
  const [signed] = await signing(context, config.action === 'read' ? 'signUrl' : 'signUpload', () =>
    file.getSignedUrl({
      version: 'v4',
      ...config,
      ...period,
      ...leadsTo,
      ...(signingEndpoint === undefined ? {} : { signingEndpoint }),
    }),
  );
  const url = withoutUser(signed);
  return path === '' ? url : url.replace(/^(https?:\/\/[^/]+)/, `$1${path}`);
}

const NOWHERE = { path: '' } as const;

/**
 * How the SDK is told where a URL leads, and the path that it leaves out. A path that is the bucket's name is the service's
 * own way to say it, and a part of what is signed; any other is cut off by whatever leads to the bucket.
 */
function placeOf(
  customEndpoint: string,
  { bucket }: File,
): { readonly host?: string; readonly cname?: string; readonly path: string } {
  const { origin, pathname } = new URL(customEndpoint);
  const path = pathname.replace(/\/+$/, '');
  return path === `/${bucket.name}` ? { host: origin, path: '' } : { cname: origin, path };
}

/**
 * From when to when. Both lie at multiples of the step, so that the same URL comes out for as long; the second is never
 * earlier than was asked for.
 */
function periodOf(
  { stepSeconds, name, storage }: SigningContext,
  { expiresInSeconds }: UrlOptions,
): { readonly accessibleAt: number; readonly expires: number } {
  const now = Math.floor(Date.now() / 1000);
  const begin = Math.floor(now / stepSeconds) * stepSeconds;
  const end = Math.ceil((now + expiresInSeconds) / stepSeconds) * stepSeconds;
  if (end - begin > LONGEST_EXPIRY_SECONDS)
    throw new FieldFileError(
      'invalid-argument',
      `expiresInSeconds ${expiresInSeconds} is too long: a signed URL of Google Cloud Storage is good for ${LONGEST_EXPIRY_SECONDS} seconds (7 days) at the most${stepSeconds > 1 ? ', the steps it is rounded to included' : ''}.`,
      { operation: 'sign', storage, name },
    );
  return { accessibleAt: begin * 1000, expires: end * 1000 };
}

async function signing<T>(
  { name, storage }: SigningContext,
  operation: string,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FieldFileError(
      'permission',
      `${JSON.stringify(name)} on storage "${storage}" cannot be signed: ${reason}. Give credentials with a private key, or the role Service Account Token Creator on the service account itself (${operation}).`,
      { operation, storage, name },
    );
  }
}

function boundBy(
  { exactBytes, maxBytes }: SignedUploadOptions,
  headers: Readonly<Record<string, string>>,
): BoundOnGcs[] {
  return [
    ...(headers['content-type'] === undefined ? [] : (['type'] as const)),
    ...(exactBytes === undefined ? [] : (['exact-length'] as const)),
    ...(maxBytes === undefined ? [] : (['max-length'] as const)),
  ];
}

function lengthRange(
  exactBytes: number | undefined,
  maxBytes: number | undefined,
): readonly [number, number] | undefined {
  if (exactBytes !== undefined) return [exactBytes, Math.min(exactBytes, maxBytes ?? exactBytes)];
  return maxBytes === undefined ? undefined : [0, maxBytes];
}
