import {
  type CallOptions,
  type Content,
  FieldFileError,
  type ObjectInfo,
  type ObjectVersion,
  type Storage,
  type WriteId,
} from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { infoIfThere, reported } from '@fieldfile/storage/internal';
import { intentOf, settleFailure } from '../change/intent.ts';
import type { FieldFile } from '../field/field-file.ts';
import type { FileState } from '../field/file-state.ts';
import { requireName } from '../field/is-handle.ts';
import { digestColumn, digestIn } from '../field/row-columns.ts';
import { isReferenced } from '../journal/references.ts';
import { derivedName } from './derived-names.ts';
import { lockWriteIds } from './lock-write-ids.ts';

/** Which bytes an object has. */
export interface OriginalContent {
  /** Says which bytes they are, as part of a name: other bytes have another one. */
  readonly identity: string;
  /** The object's version with these bytes, once it was asked for. */
  readonly version?: ObjectVersion;
}

export interface StoreDerivedOptions extends CallOptions {
  readonly contentType: string;
}

/** A row's file, of which objects are to be derived. Nothing of it reaches the row. */
export interface Deriving {
  /** `model.field`. */
  readonly label: string;
  /** What the file is made of. */
  readonly original: { readonly storage: Storage; readonly name: string };
  /** Where what is derived is kept. */
  readonly storage: Storage;
  /** What the field says can be made. */
  readonly kinds: Readonly<Record<string, unknown>>;
  /**
   * Which bytes the file has now: by the row's digest column where there is one, without a request if the row is there, and
   * else by the object's version.
   */
  identify(options?: CallOptions): Promise<OriginalContent>;
  /**
   * As {@link identify}, with the version, of the row as it is now: before something is made of these bytes. They belong
   * together if the object has that version afterwards, too, which is looked at when what was made is stored.
   *
   * @throws `not-found`.
   */
  look(options?: CallOptions): Promise<Required<OriginalContent>>;
  /** Whether a row has this file, as far as a binding tells: for work that was put off. */
  isCurrent(options?: CallOptions): Promise<boolean>;
  /** The name of what is derived. */
  nameOf(identity: string, file: string): string;
  /**
   * Stores what was made, under exactly that name, if a row still has these bytes then. With a journal, what a process that
   * died has left is taken back by recovery.
   *
   * @throws `exists`; `conflict` where the file was changed or removed meanwhile, and nothing stays.
   */
  store(
    name: string,
    content: Content,
    of: Required<OriginalContent>,
    options: StoreDerivedOptions,
  ): Promise<ObjectInfo>;
  /** Begins to make something, under a lock of the maker's own. It is written down, so that recovery takes back both. */
  begin(name: string): Promise<Making>;
}

/** Something derived that is being made under a lock. End it. */
export interface Making {
  /**
   * What the maker may write the lock by, an object of the name that `lockOf` gives. It is renewed by the other one each
   * time, so that whichever wrote it can be undone.
   */
  readonly lockWriteIds: readonly [WriteId, WriteId];
  /** As {@link Deriving.store}. */
  store(content: Content, of: Required<OriginalContent>, options: StoreDerivedOptions): Promise<ObjectInfo>;
  /** Nothing is made any more, and the lock is gone. */
  end(): Promise<void>;
  /** Something may have stayed: recovery looks after it. */
  leave(why: unknown): Promise<void>;
}

/**
 * What objects are derived of: a row's file.
 *
 * @throws `no-file`; `invalid-argument` for a field that derives nothing, or a file that waits to be its row's.
 */
export function deriving(file: FieldFile): Deriving {
  const handle = file as unknown as FileState;
  const { field } = handle;
  const name = requireName(handle, 'derive');
  const { derived, label } = field;
  if (!derived)
    throw new FieldFileError('invalid-argument', `${label} derives nothing: declare it with \`derived\`.`, {
      operation: 'derive',
      field: label,
    });
  return new DerivingFile(handle, name, field.storage, derived.storage, derived.kinds);
}

class DerivingFile implements Deriving {
  readonly original: { readonly storage: Storage; readonly name: string };
  readonly storage: Storage;
  readonly kinds: Readonly<Record<string, unknown>>;
  readonly #handle: FileState;

  constructor(
    handle: FileState,
    name: string,
    original: Storage,
    storage: Storage,
    kinds: Readonly<Record<string, unknown>>,
  ) {
    this.original = { storage: original, name };
    this.storage = storage;
    this.kinds = kinds;
    this.#handle = handle;
  }

  get label(): string {
    return this.#handle.field.label;
  }

  async identify(options: CallOptions = {}): Promise<OriginalContent> {
    const digest = this.#digestInMemory() ?? (await this.#digestOfRow(options));
    return digest === undefined ? this.#byVersion(options) : { identity: ofDigest(digest) };
  }

  /** The columns beside a name are null while its bytes are replaced: what stands between two looks at one version is true. */
  async look(options: CallOptions = {}): Promise<Required<OriginalContent>> {
    const before = await this.#byVersion(options);
    const digest = this.#hasRow ? await this.#digestOfRow(options) : this.#digestInMemory();
    return digest === undefined ? before : { identity: ofDigest(digest), version: before.version };
  }

  async isCurrent(options: CallOptions = {}): Promise<boolean> {
    const { field } = this.#handle;
    const { storage, name } = this.original;
    return !field.model.binding || isReferenced([field], storage.id, name, options);
  }

  nameOf(identity: string, file: string): string {
    return derivedName(this.original.name, identity, file);
  }

  async store(
    name: string,
    content: Content,
    of: Required<OriginalContent>,
    options: StoreDerivedOptions,
  ): Promise<ObjectInfo> {
    const making = await this.begin(name);
    try {
      return await making.store(content, of, options);
    } finally {
      await reported(() => making.end());
    }
  }

  async begin(name: string): Promise<Making> {
    const { journal } = this.#handle.field.model.binding ?? {};
    const writeId = newWriteId();
    await journal?.begin(intentOf(this.#handle, this.storage, writeId, 'derive', name));
    let left: unknown;
    return {
      lockWriteIds: lockWriteIds(writeId),
      store: async (content, of, options) => {
        try {
          return await this.#stored(name, writeId, content, of, options);
        } catch (error) {
          left = error;
          throw error;
        }
      },
      end: async () => {
        if (journal) await settleFailure(journal, writeId, left);
      },
      leave: async why => journal?.postpone(writeId, 0, why),
    };
  }

  async #stored(
    name: string,
    writeId: WriteId,
    content: Content,
    { version }: Required<OriginalContent>,
    { signal, contentType }: StoreDerivedOptions,
  ): Promise<ObjectInfo> {
    const call = signal ? { signal } : {};
    const { info } = await this.storage.create(name, content, {
      ...call,
      writeId,
      contentType,
      onTaken: 'fail',
      durability: 'whole', // it can be made again
    });
    try {
      // Who removes or replaces the original looks for what is derived of it afterwards: one of the two sees the other.
      if (!(await this.#isStill(version, {}))) throw this.#changed();
    } catch (error) {
      await this.#undone(name, writeId, error);
      throw error;
    }
    await reported(() => this.storage.settle(name, writeId));
    return info;
  }

  /** @throws with `applied: 'unknown'` where the object may have stayed. */
  async #undone(name: string, writeId: WriteId, why: unknown): Promise<void> {
    try {
      await this.storage.undo(name, writeId);
    } catch (error) {
      throw new FieldFileError('backend', `${JSON.stringify(name)} could not be taken back.`, {
        operation: 'derive',
        storage: this.storage.id,
        name,
        field: this.label,
        applied: 'unknown',
        cause: new AggregateError([why, error]),
      });
    }
  }

  get #hasRow(): boolean {
    const { field, ref } = this.#handle;
    return field.model.binding !== undefined && field.keyOf(ref) !== undefined;
  }

  /** Of the live row, while its handle has this file. */
  #digestInMemory(): string | undefined {
    return this.#handle.name === this.original.name ? digestColumn(this.#handle)?.base64 : undefined;
  }

  /** Of the row as the database has it, where the field has a column for it and the row still has this file. */
  async #digestOfRow(options: CallOptions): Promise<string | undefined> {
    const { field, ref } = this.#handle;
    const key = field.keyOf(ref);
    if (field.columns.digest === undefined || !key) return undefined;
    const row = await field.model.binding?.load(key, options);
    if (!row || field.column(row) !== this.original.name) return undefined;
    return digestIn((row as Readonly<Record<string, unknown>>)[field.columns.digest])?.base64;
  }

  async #byVersion(options: CallOptions): Promise<Required<OriginalContent>> {
    const { storage, name } = this.original;
    const { version, sizeBytes, lastModified } = await storage.info(name, options);
    const text = JSON.stringify([storage.id, name, version, sizeBytes, lastModified.getTime()]);
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
    return { identity: `v-${hex(digest).slice(0, 32)}`, version };
  }

  async #isStill(version: ObjectVersion, options: CallOptions): Promise<boolean> {
    const { storage, name } = this.original;
    if (!(await this.isCurrent(options))) return false;
    return (await infoIfThere(storage, name, options))?.version === version;
  }

  #changed(): FieldFileError {
    const { storage, name } = this.original;
    return new FieldFileError(
      'conflict',
      `The file ${JSON.stringify(name)} of ${this.label} was changed or removed, or no row has it: nothing is derived of it.`,
      { operation: 'derive', storage: storage.id, name, field: this.label, retryable: true },
    );
  }
}

/** As text that stands in a name: base64 has slashes, and letters that some disks take for one another. */
function ofDigest(base64: string): string {
  const bytes = atob(base64);
  let text = '';
  for (let at = 0; at < 20; at++) text += HEX[bytes.charCodeAt(at)] ?? '';
  return text;
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const hex = (bytes: ArrayBuffer): string => Array.from(new Uint8Array(bytes), byte => HEX[byte]).join('');
