import { FieldFileError } from '@fieldfile/storage';
import { knownOptions, openToken, type SigningKey, sealToken, signingKeys } from '@fieldfile/storage/backend';

/** What a token can be told that is JSON. */
export type TokenData = Readonly<Record<string, string | number | boolean | null>>;

export interface TokenOptions {
  /**
   * The secret that signs, at least 32 bytes. Several: the first signs, all verify, so that a secret can be replaced while
   * tokens signed by the old one are about.
   */
  readonly secrets: SigningKey | readonly SigningKey[];
  /** What time it is. Default: the system clock. */
  readonly clock?: () => Date;
}

/** What a token is to allow. */
export interface TokenRequest {
  /** What it is for, as `'link'` or `'form'`: one made for another purpose never passes. Letters, digits and `/`, `-`. */
  readonly purpose: string;
  /** The method of the request that brings it. `GET` includes `HEAD`. */
  readonly method: string;
  /** The id of the storage that it is good for. Default: `''`, none. */
  readonly storage?: string;
  /** The name of the object, or whatever the purpose names. */
  readonly name: string;
  /** From now, in whole seconds; null: it never expires. */
  readonly expiresInSeconds: number | null;
  /** Expires at whole multiples of this, rounded up, so that the token stays the same for as long. Default: 1. */
  readonly expiryStepSeconds?: number;
  /** What else it says. Anybody can read it, and nobody can change it. Default: nothing. */
  readonly data?: TokenData;
}

/** What a token is held against. */
export interface TokenExpectation {
  readonly purpose: string;
  /** The request's method. */
  readonly method: string;
  /** Ids of the storage, former ones included. Default: `['']`, as without a storage. */
  readonly storages?: readonly string[];
  /** The name that the request is about, where it says one. Default: the token alone says it. */
  readonly name?: string;
}

/** What a genuine token says. */
export interface TokenContent {
  readonly name: string;
  /** Seconds since 1970; null: it never expires. */
  readonly expiresAt: number | null;
  readonly data: TokenData;
}

/**
 * Makes and verifies short signed texts that allow one thing: for one purpose, one method, one storage and one name, until
 * a time. HMAC-SHA256; the text needs no encoding in a URL.
 *
 * @example
 * ```ts
 * import { randomBytes } from 'node:crypto';
 * import { Tokens } from '@fieldfile/http';
 *
 * const tokens = new Tokens({ secrets: process.env.FILE_SECRET ?? randomBytes(32) });
 * const token = tokens.sign({ purpose: 'form', method: 'POST', name: 'avatars/1.png', expiresInSeconds: 300 });
 * tokens.verify(token, { purpose: 'form', method: 'POST' }).name; // 'avatars/1.png'
 * ```
 */
export class Tokens {
  readonly #keys: readonly Uint8Array[];
  readonly #clock: () => Date;

  /** @throws `invalid-argument` without a secret, or for one that is too short. */
  constructor(options: TokenOptions) {
    knownOptions(options, ['secrets', 'clock'], { what: 'Tokens', operation: 'construct' });
    this.#keys = signingKeys(options.secrets ?? [], 'Tokens');
    this.#clock = options.clock ?? (() => new Date());
  }

  /** @throws `invalid-argument` for a purpose, name or time that is none. */
  sign(request: TokenRequest): string {
    knownOptions(request, REQUEST, { what: 'sign', operation: 'sign' });
    const { purpose, method, storage = '', name, data } = request;
    for (const [option, value] of Object.entries({ purpose, method, storage, name }))
      if (typeof value !== 'string') refuse(option, value, 'give a text');
    const content: Written = [methodOf(method), name, this.#expiresAt(request)];
    const [key = new Uint8Array()] = this.#keys;
    return sealToken(data ? [...content, data] : content, scopeOf(purpose, storage), key);
  }

  /**
   * What a token says.
   *
   * @throws `permission` when none of the secrets signed it for this purpose and storage, when it is for another method or
   * name, or has expired. The message has nothing of the token.
   */
  verify(token: string, expected: TokenExpectation): TokenContent {
    const { purpose, method, storages = [''], name } = expected;
    const scopes = storages.map(storage => scopeOf(purpose, storage));
    const opened = typeof token === 'string' ? openToken(token, scopes, this.#keys) : undefined;
    if (!opened) throw notAllowed('is not genuine');
    const [allowed, said, expiresAt, data = {}] = opened.content as Written;
    if (methodOf(method) !== allowed) throw notAllowed(`is not for ${method}`);
    if (name !== undefined && name !== said) throw notAllowed('is for something else');
    if (expiresAt !== null && this.#now() >= expiresAt) throw notAllowed('has expired');
    return { name: said, expiresAt, data };
  }

  #expiresAt({ expiresInSeconds, expiryStepSeconds: step = 1 }: TokenRequest): number | null {
    if (!isPositive(step)) refuse('expiryStepSeconds', step, 'give a whole number of seconds, at least 1');
    if (expiresInSeconds === null) return null;
    if (!isPositive(expiresInSeconds))
      refuse('expiresInSeconds', expiresInSeconds, 'give a whole number of seconds, at least 1, or null');
    return Math.ceil((this.#now() + expiresInSeconds) / step) * step;
  }

  #now(): number {
    return this.#clock().getTime() / 1000;
  }
}

/** As short as JSON can be: a token is part of a URL. Purpose and storage are signed, and said by who verifies. */
type Written = readonly [method: string, name: string, expiresAt: number | null, data?: TokenData];

const REQUEST = [
  'purpose',
  'method',
  'storage',
  'name',
  'expiresInSeconds',
  'expiryStepSeconds',
  'data',
] as const;

function scopeOf(
  purpose: string,
  storage: string,
): { readonly purpose: string; readonly audience: [string] } {
  if (!/^[a-z\d]+([/-][a-z\d]+)*$/.test(purpose)) refuse('purpose', purpose, "give a word such as 'form'");
  return { purpose: `fieldfile/http/${purpose}/1`, audience: [storage] };
}

const methodOf = (method: string): string => (method === 'HEAD' ? 'GET' : method);

const isPositive = (seconds: unknown): boolean => Number.isSafeInteger(seconds) && Number(seconds) >= 1;

function refuse(option: string, value: unknown, fix: string): never {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  throw new FieldFileError('invalid-argument', `A token cannot have ${option} ${shown}: ${fix}.`, {
    operation: 'sign',
  });
}

const notAllowed = (why: string): FieldFileError =>
  new FieldFileError('permission', `The token ${why}.`, { operation: 'verify' });
