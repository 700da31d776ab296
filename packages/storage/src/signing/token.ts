import type { KeyObject } from 'node:crypto';
import { FieldFileError } from '../errors/field-file-error.ts';

/** A secret of at least 32 bytes; text counts in UTF-8. */
export type SigningKey = string | Uint8Array;

/** What a token is good for beside what it says. It is signed with the token, and not part of its text. */
export interface TokenScope {
  /** Named in every signature, so that no token made with the same secret for another purpose passes. */
  readonly purpose: string;
  /** Who takes the token: the id of a storage, an address. */
  readonly audience: readonly string[];
}

const MIN_KEY_BYTES = 32;

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

/** Signs what can be JSON. The text has letters, digits, `-`, `_` and one `.`: it needs no encoding in a URL. */
export function sealToken(content: unknown, scope: TokenScope, key: Uint8Array): string {
  const payload = node().Buffer.from(JSON.stringify(content)).toString('base64url');
  return `${payload}.${signature(payload, scope, key)}`;
}

/**
 * What a token says, if one of the keys signed it for one of the scopes. Undefined: it is not genuine.
 *
 * Every key is tried, and each comparison takes the same time. The signature is compared as text, since several texts
 * of base64 stand for the same bytes.
 */
export function openToken(
  token: string,
  scopes: readonly TokenScope[],
  keys: readonly Uint8Array[],
): { readonly content: unknown } | undefined {
  const { Buffer, timingSafeEqual } = node();
  const [payload = '', given = '', ...rest] = token.split('.');
  const mac = Buffer.from(given);
  let isGenuine = false;
  for (const key of keys)
    for (const scope of scopes) {
      const expected = Buffer.from(signature(payload, scope, key));
      if (mac.byteLength === expected.byteLength && timingSafeEqual(mac, expected)) isGenuine = true;
    }
  if (!isGenuine || rest.length > 0) return undefined;
  return { content: JSON.parse(Buffer.from(payload, 'base64url').toString()) };
}

function signature(payload: string, { purpose, audience }: TokenScope, key: Uint8Array): string {
  const text = `${purpose}\n${JSON.stringify(audience)}\n${payload}`;
  return node().createHmac('sha256', prepared(key)).update(text).digest('base64url');
}

const keyObjects = new WeakMap<Uint8Array, KeyObject>();

/** Made once for each key: given its bytes, Node makes it for every signature, which takes six times as long as signing. */
function prepared(key: Uint8Array): KeyObject {
  const there = keyObjects.get(key);
  if (there) return there;
  const made = node().createSecretKey(key);
  keyObjects.set(key, made);
  return made;
}

type Node = Pick<typeof import('node:crypto'), 'createHmac' | 'createSecretKey' | 'timingSafeEqual'> &
  Pick<typeof import('node:buffer'), 'Buffer'>;

let known: Node | undefined;

/** @throws `unsupported` on a runtime that has none of it. Web Crypto answers later only, and a token is verified at once. */
function node(): Node {
  if (known) return known;
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto');
  const buffer = globalThis.process?.getBuiltinModule?.('node:buffer');
  if (!crypto?.createHmac || !buffer)
    throw new FieldFileError('unsupported', 'This runtime has no node:crypto, which signs URLs.', {
      operation: 'sign',
    });
  const { createHmac, createSecretKey, timingSafeEqual } = crypto;
  known = { createHmac, createSecretKey, timingSafeEqual, Buffer: buffer.Buffer };
  return known;
}
