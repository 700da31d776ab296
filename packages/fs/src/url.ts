import { createHmac, timingSafeEqual } from 'node:crypto';
import { FieldFileError } from '@fieldfile/storage';
import type { ObjectKey } from '@fieldfile/storage/backend';
import { joinUrl } from '@fieldfile/storage/names';

/** A secret of at least 32 bytes; text counts in UTF-8. */
export type SigningKey = string | Uint8Array;

/** What a signed URL allows, and nothing else. */
export interface SignedRequest {
  /** `GET` includes `HEAD`. */
  readonly method: 'GET' | 'PUT';
  readonly key: ObjectKey;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** `GET`: serve with this type. `PUT`: the request's type must be this. */
  readonly contentType?: string;
  /** `GET`: serve as an attachment under this name. */
  readonly download?: string;
  /** `PUT`: the body must have this length. */
  readonly exactBytes?: number;
  /** `PUT`: the body may have at most this length. */
  readonly maxBytes?: number;
  /** `PUT`: only if nothing has that name. */
  readonly noOverwrite?: true;
}

/** The query parameter that carries the token. */
const PARAMETER = 'fieldfile';

const MIN_KEY_BYTES = 32;

/** Named in every signature, so that none made with the same secret for another purpose passes here. */
const PURPOSE = 'fieldfile/fs/url/1';

/** @throws `invalid-argument` for a key that is too short, without showing it. */
export function signingKeys(option: SigningKey | readonly SigningKey[] | undefined): readonly Uint8Array[] {
  if (option === undefined) return [];
  const keys = (Array.isArray(option) ? option : [option]).map(key =>
    typeof key === 'string' ? new TextEncoder().encode(key) : key,
  );
  for (const key of keys.length > 0 ? keys : [undefined]) {
    if (key instanceof Uint8Array && key.byteLength >= MIN_KEY_BYTES) continue;
    throw new FieldFileError(
      'invalid-argument',
      `FileSystemStorage needs a signingKey of at least ${MIN_KEY_BYTES} bytes: make one with crypto.randomBytes(32).`,
      { operation: 'construct' },
    );
  }
  return keys;
}

/** The address of an object. */
export function addressOf(baseUrl: string, key: ObjectKey): string {
  // A backslash is an ordinary character of a key, but "/" to joinUrl and to browsers.
  return (
    joinUrl(baseUrl, '') +
    key
      .split('\\')
      .map(part => joinUrl('/', part).slice(1))
      .join('%5C')
  );
}

/** `audience` is what the token is good for besides the key: a storage's base URL, since two may share a secret. */
export function signedAddress(baseUrl: string, request: SignedRequest, signingKey: Uint8Array): string {
  const payload = Buffer.from(JSON.stringify(request)).toString('base64url');
  const token = `${payload}.${signature(payload, baseUrl, signingKey).toString('base64url')}`;
  return `${addressOf(baseUrl, request.key)}?${PARAMETER}=${token}`;
}

/**
 * What a request's URL allows.
 *
 * @throws `permission` when it is not signed by one of the keys, for that method, for that base URL, or is over.
 */
export function verifySignedAddress(
  address: string | URL | URLSearchParams,
  method: string,
  {
    baseUrl,
    keys,
    now = Date.now() / 1000,
  }: { readonly baseUrl: string; readonly keys: readonly Uint8Array[]; readonly now?: number },
): SignedRequest {
  const refuse = (why: string): never => {
    throw new FieldFileError('permission', `The URL ${why}.`, { operation: 'verify' });
  };
  const token = parametersOf(address).get(PARAMETER) ?? refuse('is not signed');
  const [payload = '', given = '', ...rest] = token.split('.');
  const mac = Buffer.from(given, 'base64url');
  const genuine = keys
    .map(key => signature(payload, baseUrl, key))
    .map(expected => mac.byteLength === expected.byteLength && timingSafeEqual(mac, expected))
    .includes(true);
  if (!genuine || rest.length > 0) refuse('has a wrong signature');
  const request = JSON.parse(Buffer.from(payload, 'base64url').toString()) as SignedRequest;
  if ((method === 'HEAD' ? 'GET' : method) !== request.method) refuse(`is not signed for ${method}`);
  if (now >= request.expiresAt) refuse('has expired');
  if (!(address instanceof URLSearchParams) && pathOf(address) !== pathOf(addressOf(baseUrl, request.key)))
    refuse('is signed for another object');
  return request;
}

function signature(payload: string, audience: string, signingKey: Uint8Array): Buffer {
  return createHmac('sha256', signingKey).update(`${PURPOSE}\n${audience}\n${payload}`).digest();
}

/** What is no URL is signed by nobody. */
const parse = (address: string | URL): URL =>
  new URL(URL.canParse(String(address), 'http://localhost') ? address : '/', 'http://localhost');

const pathOf = (address: string | URL): string => parse(address).pathname;

function parametersOf(address: string | URL | URLSearchParams): URLSearchParams {
  return address instanceof URLSearchParams ? address : parse(address).searchParams;
}
