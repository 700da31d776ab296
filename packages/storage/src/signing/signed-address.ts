import { FieldFileError } from '../errors/field-file-error.ts';
import { joinUrl } from '../names/join-url.ts';
import type { ObjectKey } from '../names/object-key.ts';
import type { ResponseHeaders } from '../storage/capabilities.ts';

/** A secret of at least 32 bytes; text counts in UTF-8. */
export type SigningKey = string | Uint8Array;

/** What a signed URL allows, and nothing else. The headers are those of a `GET`. */
export interface SignedRequest extends ResponseHeaders {
  /** `GET` includes `HEAD`. */
  readonly method: 'GET' | 'PUT';
  readonly key: ObjectKey;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** `GET`: serve with this type. `PUT`: the request's type must be this. */
  readonly contentType?: string;
  /** `GET`: serve under this file name, as an attachment unless `disposition` says otherwise. */
  readonly download?: string;
  /** `GET`: show it, or save it. `contentDisposition` of `@fieldfile/storage/backend` makes the header of both. */
  readonly disposition?: 'inline' | 'attachment';
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
const PURPOSE = 'fieldfile/fs/url/2';

/** @throws `invalid-argument` for a key that is too short, without showing it. */
export function signingKeys(
  option: SigningKey | readonly SigningKey[] | undefined,
  what: string,
): readonly Uint8Array[] {
  if (option === undefined) return [];
  const keys = (Array.isArray(option) ? option : [option]).map(key =>
    typeof key === 'string' ? new TextEncoder().encode(key) : key,
  );
  for (const key of keys.length > 0 ? keys : [undefined]) {
    if (key instanceof Uint8Array && key.byteLength >= MIN_KEY_BYTES) continue;
    throw new FieldFileError(
      'invalid-argument',
      `${what} needs a signingKey of at least ${MIN_KEY_BYTES} bytes: make one with crypto.randomBytes(32).`,
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

/** @param storage the id of the storage that the token is good for, since two may share secret and address. */
export function signedAddress(
  baseUrl: string,
  request: SignedRequest,
  signingKey: Uint8Array,
  storage = '',
): string {
  const { Buffer } = node();
  const payload = Buffer.from(JSON.stringify(request)).toString('base64url');
  const token = `${payload}.${signature(payload, [storage, baseUrl], signingKey).toString('base64url')}`;
  return `${addressOf(baseUrl, request.key)}?${PARAMETER}=${token}`;
}

/**
 * What a request's URL allows.
 *
 * @throws `permission` when it is not signed by one of the keys, for that method, storage and base URL, or is over.
 */
export function verifySignedAddress(
  address: string | URL | URLSearchParams,
  method: string,
  {
    baseUrl,
    keys,
    storages = [''],
    now = Date.now() / 1000,
  }: {
    readonly baseUrl: string;
    readonly keys: readonly Uint8Array[];
    /** Ids of the storage, former ones included. */
    readonly storages?: readonly string[];
    readonly now?: number;
  },
): SignedRequest {
  const { Buffer, timingSafeEqual } = node();
  const refuse = (why: string): never => {
    throw new FieldFileError('permission', `The URL ${why}.`, { operation: 'verify' });
  };
  if (typeof address === 'string' && !URL.canParse(address, LOCAL)) refuse('is none');
  const token = parametersOf(address).get(PARAMETER) ?? refuse('is not signed');
  const [payload = '', given = '', ...rest] = token.split('.');
  const mac = Buffer.from(given, 'base64url');
  const genuine = keys
    .flatMap(key => storages.map(storage => signature(payload, [storage, baseUrl], key)))
    .map(expected => mac.byteLength === expected.byteLength && timingSafeEqual(mac, expected))
    .includes(true);
  if (!genuine || rest.length > 0) refuse('has a wrong signature');
  const request = JSON.parse(Buffer.from(payload, 'base64url').toString()) as SignedRequest;
  if ((method === 'HEAD' ? 'GET' : method) !== request.method) refuse(`is not signed for ${method}`);
  if (now >= request.expiresAt) refuse('has expired');
  if (!(address instanceof URLSearchParams) && keyOf(address, baseUrl) !== request.key)
    refuse('is signed for another object');
  return request;
}

/** The key that a path names, however clients and proxies encode it; undefined for one that is not below the base. */
function keyOf(address: string | URL, baseUrl: string): string | undefined {
  try {
    const base = decodeURIComponent(pathOf(joinUrl(baseUrl, '')));
    const path = decodeURIComponent(pathOf(address));
    return path.startsWith(base) ? path.slice(base.length) : undefined;
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** `audience` is what the token is good for besides the key. */
function signature(payload: string, audience: readonly string[], signingKey: Uint8Array): Buffer {
  const { createHmac } = node();
  const text = [PURPOSE, JSON.stringify(audience), payload].join('\n');
  return createHmac('sha256', signingKey).update(text).digest();
}

/** @throws `unsupported` on a runtime that has none of it. Web Crypto answers later only, and a token is verified at once. */
function node(): Pick<typeof import('node:crypto'), 'createHmac' | 'timingSafeEqual'> &
  Pick<typeof import('node:buffer'), 'Buffer'> {
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto');
  const buffer = globalThis.process?.getBuiltinModule?.('node:buffer');
  if (!crypto?.createHmac || !buffer)
    throw new FieldFileError('unsupported', 'This runtime has no node:crypto, which signs URLs.', {
      operation: 'sign',
    });
  return { createHmac: crypto.createHmac, timingSafeEqual: crypto.timingSafeEqual, Buffer: buffer.Buffer };
}

/** For addresses without a host. */
const LOCAL = 'http://localhost';

const parse = (address: string | URL): URL => new URL(address, LOCAL);

const pathOf = (address: string | URL): string => parse(address).pathname;

function parametersOf(address: string | URL | URLSearchParams): URLSearchParams {
  return address instanceof URLSearchParams ? address : parse(address).searchParams;
}
