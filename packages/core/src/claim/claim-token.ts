import type { Digest, ObjectInfo, ObjectVersion, Storage, WriteId } from '@fieldfile/storage';
import { FieldFileError } from '@fieldfile/storage';
import { openToken, sealToken, signingKeys, type TokenScope } from '@fieldfile/storage/backend';
import type { DeclaredField } from '../field/declared-field.ts';

/** What a claim says, whichever way its bytes come. It is signed, and not secret: the client may read it. */
interface ClaimedFile {
  /** The journal's entry. */
  readonly id: WriteId;
  readonly name: string;
  readonly originalName: string;
  readonly contentType: string;
  /** Until when it can be redeemed; in milliseconds since 1970. */
  readonly untilMs: number;
}

/** Of a file that the client sends to the storage itself, by a signed request or to a session. */
export interface ClaimedUpload extends ClaimedFile {
  /** Of the object that holds the name until the upload takes its place. */
  readonly version: ObjectVersion;
  readonly sizeBytes: number;
  readonly digest?: Digest;
  /** What the storage says that content is encoded with, when it was asked for that. */
  readonly contentEncoding?: string | undefined;
  /** What the storage says that it is saved as, when it was asked for that. */
  readonly contentDisposition?: string | undefined;
  /** The URL of the session to which it is sent. */
  readonly session?: string;
  /** The storage does not see to the type. */
  readonly isTypeOpen?: true;
  /** It was held against the content while that came through the application. */
  readonly isTypeKnown?: true;
}

/** Of a file that comes piece by piece. The application takes the pieces and counts the bytes itself, unless they are signed. */
export interface ClaimedInPieces extends ClaimedFile {
  /** `'piece'`: of another upload. No row has it. `'whole'`: the application takes it in one piece. */
  readonly inPieces: 'file' | 'piece' | 'whole';
  /** Of what holds the name until the one piece takes its place. */
  readonly version?: ObjectVersion;
  /** The client sends parts to the storage itself. */
  readonly signed?: SignedParts;
  /** Of what is sent by signed requests. */
  readonly digest?: Digest;
  /** What was made of the signed parts: this is known without asking for it. */
  readonly made?: MadeObject;
}

/** Parts that a client sends itself. */
export interface SignedParts {
  /** Of all of them; null where the client has not said it. Then parts may have any length. */
  readonly sizeBytes: number | null;
  /** The length of all but the last, or the least length. */
  readonly partBytes: number;
  /** The highest number. */
  readonly count: number;
  /** Of all of them, where their size was not said. */
  readonly mostBytes?: number;
  /** The id of the write. */
  readonly write: string;
}

/** What an object that was made of parts was then. */
export type MadeObject = Pick<ObjectInfo, 'version' | 'sizeBytes' | 'digest' | 'contentEncoding'>;

export type AnyClaim = ClaimedUpload | ClaimedInPieces;

export const isInPieces = (claim: AnyClaim): claim is ClaimedInPieces => 'inPieces' in claim;

/** @param storage where it was claimed: a field may be given another one meanwhile. */
export function sealClaim(field: DeclaredField, storage: Storage, user: string, claim: AnyClaim): string {
  const [key] = claimKeys(field);
  if (!key) throw noKey(field, 'claim');
  return sealToken(claim, scope(field, user, storage.id), key);
}

/** @throws `permission` for a text that is no claim of this field, on its storage, for that user. */
export function openClaim(field: DeclaredField, user: string, token: unknown): AnyClaim {
  const keys = claimKeys(field);
  if (keys.length === 0) throw noKey(field, 'redeem');
  const scopes = [field.storage.id, ...field.storage.formerIds].map(id => scope(field, user, id));
  const opened = typeof token === 'string' ? openToken(token, scopes, keys) : undefined;
  if (!opened)
    throw new FieldFileError(
      'permission',
      `The token is no claim for ${field.label}, or it was made for another user or another storage: give what claim() gave, and the same \`for\` (redeem).`,
      { operation: 'redeem', field: field.label },
    );
  return opened.content as AnyClaim;
}

/** @throws `unsupported` where the field has no key to sign claims with. */
export function requireClaimKeys(field: DeclaredField): void {
  if (claimKeys(field).length === 0) throw noKey(field, 'claim');
}

const claimKeys = (field: DeclaredField): readonly Uint8Array[] =>
  signingKeys(field.claims?.signingKey, `The option claims of ${field.label}`);

const noKey = (field: DeclaredField, operation: string): FieldFileError =>
  new FieldFileError(
    'unsupported',
    `${field.label} has no key that signs claims: give the field the option claims: { signingKey } (${operation}).`,
    { operation, field: field.label },
  );

/** Field, user and storage are signed and not written: a client reads none of them, and an id may be a path of the server. */
const scope = ({ model, name }: DeclaredField, user: string, storageId: string): TokenScope => ({
  purpose: 'fieldfile/claim/1',
  audience: [model.name, name, user, storageId],
});
