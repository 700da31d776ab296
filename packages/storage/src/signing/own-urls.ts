import { isComputable } from '../content/digest.ts';
import { FieldFileError } from '../errors/field-file-error.ts';
import { withoutPassword } from '../errors/without-password.ts';
import type { ObjectName } from '../names/object-name.ts';
import type { UrlMethod } from '../storage/backend.ts';
import {
  responseHeaders,
  type SignedUpload,
  type SignedUploadOptions,
  type UrlOptions,
} from '../storage/capabilities.ts';
import { addressOf, type SignedRequest, signedAddress, verifySignedAddress } from './signed-address.ts';
import { type SigningKey, signingKeys } from './token.ts';

/** What a storage is told whose objects the application itself serves. */
export interface OwnUrlOptions {
  /** Where the objects are served, `https://media.example.com/` or `/media/`. Without it there are no URLs. */
  readonly baseUrl?: string;
  /**
   * The secret that signs URLs, at least 32 bytes. Several: the first signs, all verify, so that a key can be replaced
   * while URLs signed by the old one are about.
   */
  readonly signingKey?: SigningKey | readonly SigningKey[];
  /**
   * Signed URLs expire at whole multiples of this, rounded up: the same object has the same URL for as long, and a
   * browser finds it in its cache. Default: 1.
   */
  readonly expiryStepSeconds?: number;
}

export const OWN_URL_OPTIONS = ['baseUrl', 'signingKey', 'expiryStepSeconds'] as const;

/** What an upload signed by a key of one's own binds: whoever serves it checks all of it. */
export type BoundByOwnKey =
  | 'method'
  | 'name'
  | 'expiry'
  | 'type'
  | 'exact-length'
  | 'max-length'
  | 'digest'
  | 'no-overwrite'
  | 'replaces';

/** Whose URLs they are, for messages, and what time it is there. */
export interface OwnUrlContext {
  /** The class that takes the options, as `FileSystemStorage`. */
  readonly what: string;
  readonly storage: string;
  /** Ids that it had before: URLs signed then are still good. */
  readonly formerIds?: readonly string[];
  /** Default: the system clock. */
  readonly now?: () => number;
}

/** The URLs of a storage whose objects the application itself serves: addresses below a base, signed by a key of its own. */
export class OwnUrls {
  /** Without an address there are no URLs; without a key none are signed. */
  readonly cannot: readonly UrlMethod[];
  readonly #options: Omit<OwnUrlOptions, 'signingKey'>;
  readonly #keys: readonly Uint8Array[];
  readonly #context: OwnUrlContext;

  /** @throws `invalid-argument`, naming the option and the fix. */
  constructor(options: OwnUrlOptions, context: OwnUrlContext) {
    const { signingKey, ...shown } = options;
    checkOwnUrlOptions(options, context.what);
    this.#options = shown;
    this.#keys = signingKeys(signingKey, context.what);
    this.#context = context;
    this.cannot = cannot(shown.baseUrl !== undefined, this.#keys.length > 0);
  }

  /** Whether there is a name. */
  get signs(): boolean {
    return this.#keys.length > 0;
  }

  /** @throws `unsupported` without `baseUrl`. */
  publicUrl(name: ObjectName): string {
    return addressOf(this.#baseUrl('publicUrl'), name);
  }

  /** @throws `unsupported` without `baseUrl` and `signingKey`. */
  signUrl(name: ObjectName, options: UrlOptions): string {
    const { contentType, download, disposition } = options;
    return this.#sign('signUrl', {
      method: 'GET',
      name,
      expiresAt: this.#expiresAt(options),
      ...(contentType === undefined ? {} : { contentType }),
      ...(download === undefined ? {} : { download }),
      ...(disposition === undefined ? {} : { disposition }),
      ...responseHeaders(options),
    });
  }

  /** A `PUT` that creates and never overwrites, or replaces that one version. A digest that cannot be computed is not bound. @throws `unsupported` without `baseUrl` and `signingKey`. */
  signUpload(name: ObjectName, options: SignedUploadOptions): SignedUpload<BoundByOwnKey> {
    const { contentType, exactBytes, maxBytes, replaces } = options;
    const digest = options.digest && isComputable(options.digest.algorithm) ? options.digest : undefined;
    const enforced = new Set<BoundByOwnKey>(['method', 'name', 'expiry']);
    enforced.add(replaces ? 'replaces' : 'no-overwrite');
    if (contentType !== undefined) enforced.add('type');
    if (exactBytes !== undefined) enforced.add('exact-length');
    if (maxBytes !== undefined) enforced.add('max-length');
    if (digest !== undefined) enforced.add('digest');
    const url = this.#sign('signUpload', {
      method: 'PUT',
      name,
      expiresAt: this.#expiresAt(options),
      ...(contentType === undefined ? {} : { contentType }),
      ...(exactBytes === undefined ? {} : { exactBytes }),
      ...(maxBytes === undefined ? {} : { maxBytes }),
      ...(digest === undefined ? {} : { digest }),
      ...(replaces ? { replaces } : { noOverwrite: true as const }),
    });
    return {
      method: 'PUT',
      url,
      headers: contentType === undefined ? {} : { 'content-type': contentType },
      enforced,
    };
  }

  /**
   * What a signed URL allows. Given a URL, its path must be the object's; given only its parameters, the token alone says
   * which object is meant.
   *
   * @throws `permission` when the URL is not signed, not for this method or base, or has expired.
   */
  verifyToken(address: string | URL | URLSearchParams, method: string): SignedRequest {
    const { storage, formerIds = [] } = this.#context;
    return verifySignedAddress(address, method, {
      baseUrl: this.#baseUrl('verifyToken'),
      keys: this.#keys,
      storages: [storage, ...formerIds],
      now: this.#now() / 1000,
    });
  }

  #sign(operation: string, request: SignedRequest): string {
    const [signingKey] = this.#keys;
    if (!signingKey) throw this.#missing(operation, 'signingKey');
    return signedAddress(this.#baseUrl(operation), request, signingKey, this.#context.storage);
  }

  #expiresAt({ expiresInSeconds }: UrlOptions): number {
    const { expiryStepSeconds = 1 } = this.#options;
    return Math.ceil((this.#now() / 1000 + expiresInSeconds) / expiryStepSeconds) * expiryStepSeconds;
  }

  #now(): number {
    return this.#context.now?.() ?? Date.now();
  }

  #baseUrl(operation: string): string {
    const { baseUrl } = this.#options;
    if (baseUrl === undefined) throw this.#missing(operation, 'baseUrl');
    return baseUrl;
  }

  #missing(operation: string, option: string): FieldFileError {
    const { what, storage } = this.#context;
    return new FieldFileError(
      'unsupported',
      `Storage "${storage}" has no ${option}: construct ${what} with one (${operation}).`,
      { operation, storage },
    );
  }
}

/** @throws `invalid-argument`, naming the option and the fix. */
export function checkOwnUrlOptions(options: OwnUrlOptions, what: string): void {
  const { baseUrl, expiryStepSeconds, signingKey } = options;
  const refuse = (option: string, value: unknown, fix: string): never => {
    throw new FieldFileError(
      'invalid-argument',
      `${what} cannot use ${option} ${typeof value === 'string' ? JSON.stringify(withoutPassword(value)) : String(value)}: ${fix}.`,
      { operation: 'construct' },
    );
  };
  if (baseUrl !== undefined && !isAddress(baseUrl))
    refuse(
      'baseUrl',
      baseUrl,
      'give an http(s) URL or an absolute path such as "/media/", without "?", "#" and a password',
    );
  if (expiryStepSeconds !== undefined && !(Number.isSafeInteger(expiryStepSeconds) && expiryStepSeconds >= 1))
    refuse('expiryStepSeconds', expiryStepSeconds, 'give a whole number of seconds, at least 1');
  signingKeys(signingKey, what);
}

function isAddress(baseUrl: unknown): baseUrl is string {
  if (typeof baseUrl !== 'string' || /[?#\\\s]|\/\/[^/]*@/.test(baseUrl)) return false;
  if (baseUrl.startsWith('/')) return !baseUrl.startsWith('//');
  return /^https?:\/\//.test(baseUrl) && URL.canParse(baseUrl);
}

function cannot(hasAddress: boolean, hasKey: boolean): readonly UrlMethod[] {
  if (!hasAddress) return ['publicUrl', 'signUrl', 'signUpload'];
  return hasKey ? [] : ['signUrl', 'signUpload'];
}
