import { FieldFileError } from '../errors/field-file-error.ts';
import { joinUrl } from '../names/join-url.ts';
import type { ObjectName } from '../names/object-name.ts';
import type { Digest, UploadTarget } from '../storage/backend.ts';
import type { ResponseHeaders } from '../storage/capabilities.ts';
import { openToken, sealToken, type TokenScope } from './token.ts';

/** What a signed URL allows, and nothing else. The headers are those of a `GET`. */
export interface SignedRequest extends ResponseHeaders {
  /** `GET` includes `HEAD`. */
  readonly method: 'GET' | 'PUT';
  readonly name: ObjectName;
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
  /** `PUT`: the body must have this digest. */
  readonly digest?: Digest;
  /** `PUT`: only if nothing has that name. */
  readonly noOverwrite?: true;
  /** `PUT`: only over that version, and as that write. */
  readonly replaces?: UploadTarget;
}

/** The query parameter that carries the token. */
const PARAMETER = 'fieldfile';

const PURPOSE = 'fieldfile/fs/url/2';

/** The address of an object. */
export function addressOf(baseUrl: string, name: ObjectName): string {
  // A backslash is an ordinary character of a name, but "/" to joinUrl and to browsers.
  return (
    joinUrl(baseUrl, '') +
    name
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
  const token = sealToken(request, scope(storage, baseUrl), signingKey);
  return `${addressOf(baseUrl, request.name)}?${PARAMETER}=${token}`;
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
  const refuse = (why: string): never => {
    throw new FieldFileError('permission', `The URL ${why}.`, { operation: 'verify' });
  };
  if (typeof address === 'string' && !URL.canParse(address, LOCAL)) refuse('is none');
  const token = parametersOf(address).get(PARAMETER) ?? refuse('is not signed');
  const scopes = storages.map(storage => scope(storage, baseUrl));
  const { content } = openToken(token, scopes, keys) ?? refuse('has a wrong signature');
  const request = content as SignedRequest;
  if ((method === 'HEAD' ? 'GET' : method) !== request.method) refuse(`is not signed for ${method}`);
  if (now >= request.expiresAt) refuse('has expired');
  if (!(address instanceof URLSearchParams) && keyOf(address, baseUrl) !== request.name)
    refuse('is signed for another object');
  return request;
}

/** The object name that a path gives, however clients and proxies encode it; undefined for one that is not below the base. */
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

const scope = (storage: string, baseUrl: string): TokenScope => ({
  purpose: PURPOSE,
  audience: [storage, baseUrl],
});

/** For addresses without a host. */
const LOCAL = 'http://localhost';

const parse = (address: string | URL): URL => new URL(address, LOCAL);

const pathOf = (address: string | URL): string => parse(address).pathname;

function parametersOf(address: string | URL | URLSearchParams): URLSearchParams {
  return address instanceof URLSearchParams ? address : parse(address).searchParams;
}
