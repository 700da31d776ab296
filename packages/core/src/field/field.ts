import { FieldFileError, isFieldFileError } from '@fieldfile/storage';
import { isObjectName } from '@fieldfile/storage/backend';
import { describe, releaseContent, releaseFrames, reported } from '@fieldfile/storage/internal';
import { stageFile } from '../change/stage-file.ts';
import type {
  ClaimInPartsOptions,
  ClaimOptions,
  PartsClaim,
  RedeemOptions,
  SessionClaim,
  UploadClaim,
} from '../claim/claim.ts';
import { ownerRecord, touchOwner } from '../ownership/owner-record.ts';
import { KeyOnlyRef, type OwnerRef, StrongOwnerRef } from '../ownership/owner-ref.ts';
import type { OwnerRecord } from '../ownership/owners.ts';
import { markRow } from '../ownership/proxied-row.ts';
import { DeclaredField } from './declared-field.ts';
import { consumeOffered, isNewFile } from './detached-file.ts';
import type {
  FileContent,
  FileInput,
  FileReference,
  StagedFile,
  StagedReference,
  StageOptions,
} from './field-file.ts';
import type { Assigned, FileState } from './file-state.ts';
import { Handle } from './handle.ts';
import { isHandle } from './is-handle.ts';
import { isEmptyInput, type NamedContent, namedContent } from './named-content.ts';
import { ofField } from './of-field.ts';
import type { Offered, StoredContent } from './offered.ts';
import { checkedKey, describeKey, type RowKey } from './row-key.ts';
import { shadowedField } from './shadowed-field.ts';
import { shownBy } from './shown-content.ts';
import { isSnapshot } from './snapshot.ts';
import { stagedFile, storedContent } from './staged-file.ts';
import { needsVouching, vouchFor } from './vouched-name.ts';

type AnyRow = Record<string | symbol, unknown>;

/** The one implementation of `FileField`, untyped inside: `defineFiles` gives it the row's types. */
export class Field extends DeclaredField {
  /** The row's handle. The path every `row.f` takes: two look-ups and a comparison after the first. */
  of(row: object): Handle {
    const record = ownerRecord(row); // of what is no row, too: undefined
    for (let handle = record?.first; record && handle; handle = handle.next)
      if (handle.field === this) {
        if (!this.model.accessors && (row as AnyRow)[this.name] !== handle.seen) throw changedByHand(handle);
        if (record.ref.key === undefined) record.ref.key = this.model.key(row); // inserted meanwhile?
        return handle as Handle; // every row's files are handles
      }
    const stored = this.#stored(row);
    if (stored === undefined) throw this.#deferred();
    return this.#touch(row, stored);
  }

  /** For accessors: undefined while the column was not loaded. */
  get(row: object): Handle | undefined {
    return this.#stored(row) === undefined ? undefined : this.of(row);
  }

  set(row: object, input: FileInput | undefined): void {
    const assigned = this.accepted(row, input);
    if (assigned) this.assign(row, assigned);
  }

  /** An input as it is now, to be assigned: of several fields of a row all are taken before the first is assigned. */
  accepted(row: object, input: FileInput | undefined): Assigned | undefined {
    if (input === undefined) return undefined;
    const offered = this.#offered(this.of(row), input);
    return offered && this.#assigned(offered);
  }

  assign(row: object, pending: Assigned): void {
    const handle = this.of(row);
    this.#drop(handle);
    const { change } = handle;
    handle.change = { ...pending, over: change?.kind === 'staged' ? change.change : change?.over };
    this.model.binding?.assigned?.(row, this.name);
  }

  load(row: object, stored: string | null | undefined): void {
    if (!isRow(row)) throw this.#noRow(row, 'load');
    if (stored !== undefined && stored !== null && typeof stored !== 'string')
      throw this.#notName(stored, 'load');
    this.#refuseShadow(row);
    (row as AnyRow)[this.slot] = stored;
    if (stored === undefined) return;
    const handle = handleOf(this, ownerRecord(row)) ?? (needsVouching(this) ? this.of(row) : undefined);
    if (!handle) return;
    vouchFor(handle);
    handle.seen = stored;
    if (handle.value === (stored || null)) return;
    handle.value = stored || null;
    handle.change = undefined;
  }

  reset(row: object, stored: string | null | undefined): void {
    const handle = handleOf(this, ownerRecord(row));
    if (handle) {
      this.#drop(handle);
      const { change } = handle;
      const written = change?.kind === 'staged' ? change.change : change?.over;
      handle.change = written && { kind: 'staged', change: written };
    }
    this.load(row, stored);
  }

  async byKey(key: RowKey): Promise<Handle> {
    const { binding } = this.model;
    if (!binding)
      throw new FieldFileError(
        'unsupported',
        `${this.label} has no binding to load a row with: pass one to defineFiles.`,
        {
          operation: 'byKey',
          field: this.label,
        },
      );
    const found = checkedKey(this.label, 'byKey', key, this.model.keyColumns(key));
    const row = await binding.load(found, {});
    if (row) return this.of(row);
    throw new FieldFileError('not-found', `There is no ${this.model.name} with key ${describeKey(key)}.`, {
      operation: 'byKey',
      field: this.label,
    });
  }

  revive(reference: FileReference): Handle {
    if (!isRow(reference))
      throw new FieldFileError(
        'invalid-argument',
        `${this.label} was given ${describe(reference)} instead of a reference: give what reference() gave (revive).`,
        { operation: 'revive', field: this.label },
      );
    const { model, field, name, key } = reference;
    if (model !== this.model.name || field !== this.name)
      throw new FieldFileError(
        'invalid-argument',
        `A reference to ${model}.${field} is none to ${this.label}.`,
        {
          operation: 'revive',
          field: this.label,
        },
      );
    if (name !== null && !(typeof name === 'string' && isObjectName(name)))
      throw new FieldFileError(
        'invalid-argument',
        `${this.label}: ${describeKey(name)} is no object name (revive): a reference has a name as reference() gave it, or null.`,
        { operation: 'revive', field: this.label },
      );
    const checked =
      key === null ? undefined : checkedKey(this.label, 'revive', key, this.model.keyColumns(key));
    return new Handle(this, new KeyOnlyRef(checked), name, name);
  }

  async stage(content: FileContent, options: StageOptions = {}): Promise<StagedFile> {
    try {
      return stagedFile(this, await stageFile(this, content, options));
    } catch (error) {
      throw releaseFrames(ofField(error, this.label));
    }
  }

  claim(options: ClaimInPartsOptions): Promise<UploadClaim | SessionClaim | PartsClaim>;
  claim(options: ClaimOptions): Promise<UploadClaim>;
  async claim(options: ClaimOptions | ClaimInPartsOptions): Promise<UploadClaim | SessionClaim | PartsClaim> {
    try {
      const { claimEither } = await import('../resumable.ts'); // most programs claim nothing
      return await claimEither(this, options);
    } catch (error) {
      throw releaseFrames(ofField(error, this.label));
    }
  }

  async redeem(token: string, options: RedeemOptions): Promise<StagedFile> {
    try {
      const { redeemClaim } = await import('../resumable.ts');
      return stagedFile(this, await redeemClaim(this, token, options));
    } catch (error) {
      throw releaseFrames(ofField(error, this.label));
    }
  }

  restage(reference: StagedReference): StagedFile {
    return stagedFile(this, storedContent(this, reference));
  }

  #touch(row: object, stored: string | null): Handle {
    this.#refuseShadow(row);
    const record = touchOwner(row);
    if (this.model.accessors) markRow(row, record);
    record.ref.key ??= this.model.key(row);
    const ref: OwnerRef =
      this.options.ownership === 'strong' ? new StrongOwnerRef(row, record.ref.key) : record.ref;
    const handle = new Handle(this, ref, stored || null, stored);
    handle.next = record.first;
    record.first = handle;
    return handle;
  }

  /** The column: undefined where it was not loaded. A class instance that nobody loaded has the default, or no file. */
  #stored(row: object): string | null | undefined {
    if (!isRow(row)) throw this.#noRow(row, 'of');
    const stored = (row as AnyRow)[this.slot];
    if (stored === undefined)
      return this.model.accessors && !(this.slot in row) ? (this.options.default ?? null) : undefined;
    if (stored === null || typeof stored === 'string') return stored;
    throw this.#notName(stored, 'of');
  }

  /** Undefined: nothing is assigned. An input that nobody touched says nothing of the file that is there. */
  #offered(handle: FileState, input: FileInput | undefined): Offered | undefined {
    if (input === undefined || isEmptyInput(input)) return undefined;
    if (input === null) return { kind: 'none' };
    if (isNewFile(input)) {
      const offered = consumeOffered(input, this.label);
      if (offered.kind === 'stored') this.#requireOwn(offered.stored);
      return offered.kind === 'content' && isEmptyInput(offered.content) ? undefined : offered;
    }
    if (isHandle(input)) {
      if (input === handle) return undefined;
      if (this.#isOwn(handle, input)) return undefined;
      if (input.name !== null && input.name === this.default && input.field.storage.id === this.storage.id)
        return { kind: 'adopt', name: input.name }; // nobody's, so that it is not copied
      const shown = shownBy(input, this.label);
      return shown ? { kind: 'content', ...shown } : { kind: 'none' };
    }
    if (input instanceof Blob) return { kind: 'content', content: input, options: {} };
    throw new FieldFileError(
      'invalid-argument',
      `${this.label} cannot take ${typeof input === 'string' ? `the text ${JSON.stringify(input)}` : describe(input)}: ` +
        'assign file(content, name), a web File, another file, or null. adopt(name) takes an object that is there on purpose.',
      { operation: 'set', field: this.label },
    );
  }

  #requireOwn({ field, name }: StoredContent): void {
    if (field === this.label) return;
    throw new FieldFileError(
      'invalid-argument',
      `${this.label} was given the staged file ${JSON.stringify(name)} of ${field}: stage it for the field that is to have it.`,
      { operation: 'set', field: this.label },
    );
  }

  /** Whether it is this row's own file, as another object of the row has it: neither has anything to store. */
  #isOwn(handle: FileState, input: FileState): boolean {
    if (input.field !== this || input.change || handle.change || input.value !== handle.value) return false;
    const key = this.keyOf(handle.ref);
    const other = this.keyOf(input.ref);
    return key !== undefined && other !== undefined && describeKey(key) === describeKey(other);
  }

  /** @throws as `namedContent`; the content is let go of then. */
  #assigned(offered: Offered): Assigned {
    if (offered.kind !== 'content') return offered;
    try {
      return { kind: 'content', content: namedContent(offered.content, offered.options, this.rules) };
    } catch (error) {
      if (!isFieldFileError(error, 'content-consumed')) releaseContent(offered.content);
      throw error;
    }
  }

  /** What was given or stored for an assignment that another one takes the place of is let go of, or undone. */
  #drop(handle: FileState): void {
    if (handle.change?.kind === 'content' && !handle.tail) letGo(handle.change.content.from);
    const staged = handle.change?.kind === 'staged' ? handle.change.change : undefined;
    if (!staged || staged.isWritten) return;
    staged.restore(); // what is stored next takes the place of what the row has
    void reported(() => staged.undo());
  }

  #refuseShadow(row: object): void {
    if (!this.model.accessors || !Object.hasOwn(row, this.name)) return;
    throw shadowedField(this.model.name, this.name);
  }

  #notName(stored: unknown, operation: string): FieldFileError {
    return new FieldFileError(
      'invalid-argument',
      `${this.label} holds ${describe(stored)}, not a file's name: assign files through the field's set().`,
      { operation, field: this.label },
    );
  }

  #noRow(row: unknown, operation: string): FieldFileError {
    return new FieldFileError(
      'invalid-argument',
      `${this.label} was given ${describe(row)} instead of a row: give the row object, as in of(row).`,
      { operation, field: this.label },
    );
  }

  #deferred(): FieldFileError {
    return new FieldFileError(
      'deferred',
      `The row was loaded without ${this.label}: select the column to use the file.`,
      { operation: 'of', field: this.label },
    );
  }
}

/** Of content that was assigned and is not going to be stored. What can be read again may be another row's, too. */
export function letGo(content: NamedContent['from']): void {
  if (isSnapshot(content)) void content.release();
  else if (!content.replayable) releaseContent(content);
}

const isRow = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** A function, not a private method: V8 checks the brand of `this` at each call of one, on the path of every `row.f`. */
function handleOf(field: Field, record: OwnerRecord | undefined): FileState | undefined {
  for (let handle = record?.first; handle; handle = handle.next) if (handle.field === field) return handle;
  return undefined;
}

function changedByHand(handle: FileState): FieldFileError {
  const { label, name } = handle.field;
  return new FieldFileError(
    'invalid-argument',
    `The column ${label} was changed by hand: a bare string is no file, since one out of a request could name another ` +
      `row's. Use field.set(row, …) to assign, or field.load(row, row.${name}) when it came from the database.`,
    { operation: 'of', field: label },
  );
}
