import type { Storage } from '@fieldfile/storage';
import type {
  ClaimInPartsOptions,
  ClaimOptions,
  PartsClaim,
  RedeemOptions,
  SessionClaim,
  UploadClaim,
} from '../claim/claim.ts';
import type {
  FieldFile,
  FileContent,
  FileInput,
  FileReference,
  StagedFile,
  StagedReference,
  StageOptions,
} from './field-file.ts';
import type { FileColumns } from './field-options.ts';

/** A field of any model, as `defineFiles` gave it. */
export interface AnyFileField {
  readonly name: string;
  /** `model.field`. */
  readonly label: string;
  readonly storage: Storage;
  /** Columns kept beside the name. */
  readonly columns: FileColumns<Record<string, unknown>>;
  /** See {@link FileField.stage}. */
  stage(content: FileContent, options?: StageOptions): Promise<StagedFile>;
  /** See {@link FileField.restage}. */
  restage(reference: StagedReference): StagedFile;
  /** See {@link FileField.claim}. */
  claim(options: ClaimInPartsOptions): Promise<UploadClaim | SessionClaim | PartsClaim>;
  claim(options: ClaimOptions): Promise<UploadClaim>;
  /** See {@link FileField.redeem}. */
  redeem(token: string, options: RedeemOptions): Promise<StagedFile>;
  /** See {@link FileField.revive}. */
  revive(reference: FileReference): FieldFile;
}

/**
 * One file column of one model. `of(row)` gives a row's file; everything else is made of it.
 *
 * @example
 * ```ts
 * import { defineFiles, model } from '@fieldfile/core';
 *
 * interface UserRow {
 *   id: number;
 *   avatar: string | null;
 * }
 * const users = defineFiles(model<UserRow>()('user', 'id'), { avatar: { uploadTo: 'avatars/%Y/' } });
 *
 * export async function setAvatar(row: UserRow, picture: File): Promise<void> {
 *   await users.avatar.of(row).save(picture);
 * }
 * ```
 */
export interface FileField<Row extends object, Key extends keyof Row, Name extends keyof Row> {
  readonly name: Name & string;
  /** `model.field`. */
  readonly label: string;
  /** The storage as configured now. */
  readonly storage: Storage;
  /** Columns kept beside the name. */
  readonly columns: FileColumns<Record<string, unknown>>;
  /**
   * The row's handle: always the same one for one row object. The row must have the key and this column; one that was
   * selected without them does not compile.
   *
   * @throws `deferred` for a row loaded without the column; `shadowed-field` where a class field hides the accessor;
   * `invalid-argument` where the column was changed by hand.
   */
  of<R extends Pick<Row, Key | Name>>(row: R): FieldFile<R>;
  /** As {@link of}, but undefined for a row loaded without the column. */
  get<R extends object>(row: R): FieldFile<R> | undefined;
  /**
   * Assigns: stored by `upload(row)`, or when the row is persisted. Another row's file is copied, never shared.
   *
   * @throws `invalid-argument` for a bare string; `not-accepted` and `too-large` as far as they can be told now.
   */
  set(row: Pick<Row, Key | Name>, input: FileInput): void;
  /**
   * Tells core what the database holds for this row. Call it when an instance is made from a row, when a row was loaded
   * again, or, without a binding, before its file is deleted or replaced. Never give it what a request may have written.
   * Undefined: the column was not loaded. What was assigned and not stored is dropped if the name differs.
   */
  load(row: object, stored: string | null | undefined): void;
  /** As {@link load}, and what was assigned and not written is dropped: the row object is as the row again. */
  reset(row: object, stored: string | null | undefined): void;
  /**
   * The handle of the row with that key: exactly the key's columns, each a text, number, bigint, Date or Uint8Array.
   * @throws `not-found`; `invalid-argument` for another key; `unsupported` without a binding.
   */
  byKey(key: Pick<Row, Key>): Promise<FieldFile<Row>>;
  /**
   * A handle of plain data that {@link FieldFile.reference} gave, perhaps in another process. It can read, and with a
   * binding it can write by the row's key. The reference is trusted, since it names the object.
   * @throws `invalid-argument` for a key that is not exactly one row's, or a name that no object can have.
   */
  revive(reference: FileReference): FieldFile<Row>;
  /**
   * Stores content before its row is known: a form's upload, to be assigned to a row later. With a journal an unused one ends
   * with its time, also after a crash; without, with {@link StagedFile.undo} only.
   *
   * @throws as {@link FieldFile.save}; `unsupported` where `uploadTo` is a callback, which asks for the row; `intent-lost` where
   * recovery has taken it back meanwhile.
   */
  stage(content: FileContent, options?: StageOptions): Promise<StagedFile>;
  /**
   * A staged file of its plain data, perhaps in another process. The data is trusted: it names the object. One row takes it,
   * however often this is called.
   *
   * @throws `invalid-argument` for another field's or storage's; `unsupported` without a journal, which alone can tell
   * whether a row has it.
   */
  restage(reference: StagedReference): StagedFile;
  /**
   * A place as below, for a file that may come in parts: what comes has `upload`, or `partCount` parts, which `signParts` of
   * `@fieldfile/core/resumable` signs; or, on Google Cloud Storage, `session`, to which the file is sent from where it stands.
   *
   * @throws as below; `unsupported` where the storage neither signs parts nor begins sessions; `invalid-argument` for an
   * `origin` that is none.
   */
  claim(options: ClaimInPartsOptions): Promise<UploadClaim | SessionClaim | PartsClaim>;
  /**
   * Gives a client a place to upload one file to, straight to the storage: a request that can be made once, and a token to be
   * sent back. The name is held meanwhile. What nobody redeems is taken back when its time is over, by `recover`.
   *
   * @throws as {@link FieldFile.save} for a name, type or size that the field does not take; `unsupported` without a journal,
   * without the option `claims`, on a storage that signs no such uploads, and where `uploadTo` is a callback; `too-large` for
   * what the storage does not take in one request.
   */
  claim(options: ClaimOptions): Promise<UploadClaim>;
  /**
   * The file that was uploaded for a claim, once it is known to be what was claimed: there, of that size and digest, encoded as
   * asked, of the type that its first bytes tell, accepted and inspected. Assign it to one row. No URL that was given out
   * changes it any more. What is refused is removed at once.
   *
   * @throws `permission` for a token that is not genuine, or another's; `not-found` when nothing was uploaded yet;
   * `intent-lost` when it was redeemed before, or its time is over; `integrity`, `not-accepted`, `too-large` for what is
   * refused; `not-inspected` when that could not be found out.
   */
  redeem(token: string, options: RedeemOptions): Promise<StagedFile>;
}
