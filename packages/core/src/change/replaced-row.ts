import {
  type CallOptions,
  FieldFileError,
  isFieldFileError,
  type ObjectInfo,
  type WriteId,
} from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { infoIfThere, reported } from '@fieldfile/storage/internal';
import type { Binding, ColumnValues, UpdateOptions } from '../binding/binding.ts';
import type { ComputedValues } from '../field/computed-columns.ts';
import { columnsOfBytes } from '../field/field-options.ts';
import type { FileState } from '../field/file-state.ts';
import type { NamedContent } from '../field/named-content.ts';
import { columnValues, describedBy } from '../field/row-columns.ts';
import type { RowKey } from '../field/row-key.ts';
import type { Journal, Taking } from '../journal/journal.ts';
import { removeReplaced } from '../journal/remove-replaced.ts';
import { intentOf } from './intent.ts';
import { nullRefused } from './null-refused.ts';
import { withinMissing } from './persist.ts';
import { requireUnshared } from './shared-object.ts';

/** A row while the object that it names gets other bytes: what its columns tell of them, before, meanwhile and afterwards. */
export interface ReplacedRow {
  /** Whether columns beside the name tell of the bytes. */
  readonly isDescribed: boolean;
  /** Whether only the version may be replaced that was there before. */
  readonly needsVersion: boolean;
  /** The write that the journal knows of, where there is one. */
  readonly writeId: WriteId | undefined;
  /** `forget` failed, and may have been done. */
  readonly mayBeForgotten: boolean;
  /** The columns tell nothing from now on. @throws `conflict` before a byte is written. */
  forget(options: CallOptions): Promise<void>;
  /** The bytes are replaced, and the columns tell of them. @throws `conflict`, `intent-lost`: they stay unknown. */
  describe(values: ColumnValues, info: ObjectInfo): Promise<void>;
  /** Nothing was replaced. @param isSame the object is what the columns told of. */
  recall(isSame: boolean): Promise<void>;
  /** Whether something was replaced is not known: the columns tell nothing, and recovery cleans up. Never throws. */
  postpone(error: unknown): Promise<void>;
}

export async function replacedRow(
  handle: FileState,
  owner: object | undefined,
  name: string,
  options: CallOptions,
): Promise<ReplacedRow> {
  const { field } = handle;
  const { binding } = field.model;
  const key = field.keyOf(handle.ref, owner);
  const columns = describingColumns(handle);
  if (!binding || !key) return new LooseRow(owner, columns);
  await requireUnshared(handle, name, options);
  const known = await knownValues(binding, key, owner, columns, options);
  return new StoredRow(handle, owner, name, binding, key, columns, known);
}

/** What the columns are to tell of the new bytes. What the client called the file stays: it keeps its name. */
export function describingValues(
  handle: FileState,
  named: NamedContent,
  info: ObjectInfo,
  computed: ComputedValues | undefined,
): ColumnValues {
  const values = columnValues(handle.field, '', describedBy(named, info, computed));
  return Object.fromEntries(describingColumns(handle).map(column => [column, values[column] ?? null]));
}

const describingColumns = ({ field }: FileState): readonly string[] => columnsOfBytes(field.columns);

const unknown = (columns: readonly string[]): ColumnValues =>
  Object.fromEntries(columns.map(column => [column, null]));

/** As the row object has the columns; what it was selected without is loaded. */
async function knownValues(
  binding: Binding<object>,
  key: RowKey,
  owner: object | undefined,
  columns: readonly string[],
  options: CallOptions,
): Promise<ColumnValues> {
  const own = valuesIn(owner, columns);
  const others = columns.filter(column => own[column] === undefined);
  if (others.length === 0) return own;
  return { ...own, ...valuesIn(await binding.load(key, options), others) };
}

function valuesIn(row: object | undefined, columns: readonly string[]): ColumnValues {
  const found = columns.map(column => [column, (row as ColumnValues | undefined)?.[column]] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as ColumnValues;
}

/** A column that cannot be written is left as it is. */
function showColumns(row: object, columns: Readonly<Record<string, unknown>>): void {
  for (const [column, value] of Object.entries(columns)) Reflect.set(row, column, value);
}

/** A row that nobody can write but its program: its object is all there is. */
class LooseRow implements ReplacedRow {
  readonly isDescribed: boolean;
  readonly needsVersion: boolean;
  readonly writeId = undefined;
  readonly mayBeForgotten = false;
  readonly #owner: object | undefined;
  readonly #columns: readonly string[];
  readonly #known: ColumnValues;

  constructor(owner: object | undefined, columns: readonly string[]) {
    this.#owner = owner;
    this.#columns = columns;
    this.#known = valuesIn(owner, columns);
    this.isDescribed = columns.length > 0;
    this.needsVersion = this.isDescribed;
  }

  async forget(): Promise<void> {
    this.#show(unknown(this.#columns));
  }

  async describe(values: ColumnValues): Promise<void> {
    this.#show(values);
  }

  async recall(isSame: boolean): Promise<void> {
    if (isSame) this.#show(this.#known);
  }

  async postpone(): Promise<void> {}

  #show(values: ColumnValues): void {
    if (this.#owner) showColumns(this.#owner, values);
  }
}

type Within = Pick<UpdateOptions, 'within' | 'withinSync'>;

/**
 * A row that its binding updates by key. With a journal, an entry is begun with the columns unknown and taken with the new
 * ones: who has no entry any more writes none, since somebody else may be at work on the object by then.
 */
class StoredRow implements ReplacedRow {
  readonly isDescribed: boolean;
  readonly needsVersion = true;
  readonly writeId: WriteId | undefined;
  readonly #handle: FileState;
  readonly #owner: object | undefined;
  readonly #name: string;
  readonly #binding: Binding<object>;
  readonly #key: RowKey;
  readonly #journal: Journal | undefined;
  readonly #id: WriteId = newWriteId();
  readonly #known: ColumnValues;
  readonly #unknown: ColumnValues;
  mayBeForgotten = false;

  constructor(
    handle: FileState,
    owner: object | undefined,
    name: string,
    binding: Binding<object>,
    key: RowKey,
    columns: readonly string[],
    known: ColumnValues,
  ) {
    this.#handle = handle;
    this.#owner = owner;
    this.#name = name;
    this.#binding = binding;
    this.#key = key;
    this.#journal = binding.journal;
    this.#known = known;
    this.#unknown = unknown(columns);
    this.isDescribed = columns.length > 0;
    this.writeId = this.#journal && this.#id;
  }

  async forget(options: CallOptions): Promise<void> {
    const { field } = this.#handle;
    const intent = intentOf(this.#handle, field.storage, this.#id, 'replace', this.#name);
    let begun = false;
    try {
      const isHit = await this.#update(this.#known, this.#unknown, options, {
        within: async transaction => {
          await this.#journal?.begin(intent, transaction);
          begun = true;
        },
      });
      if (!isHit) {
        if (begun) await this.#end(); // begun before it was known
        begun = false;
        throw this.#conflict('nothing was written', false);
      }
      if (this.#journal && !begun) throw withinMissing(field.label);
    } catch (error) {
      this.mayBeForgotten = begun;
      throw nullRefused(error, field.label, Object.keys(this.#unknown));
    }
  }

  async describe(values: ColumnValues, info: ObjectInfo): Promise<void> {
    let isHit: boolean;
    try {
      isHit = this.isDescribed
        ? await this.#update(this.#unknown, values, {}, this.#taking)
        : await this.#binding.isReferenced([this.#handle.field.name], this.#name, {});
    } catch (error) {
      if (isFieldFileError(error, 'intent-lost')) await reported(() => this.#lost(info));
      await this.postpone(error);
      throw error;
    }
    if (!isHit) await reported(() => this.#lost(info));
    await this.#end();
    if (isHit) await reported(() => this.#handOn());
    if (!isHit) throw this.#conflict('its columns beside the name stay unknown', true);
  }

  async recall(isSame: boolean): Promise<void> {
    const tellsNothing = Object.values(this.#known).every(value => value === null);
    if (isSame && !tellsNothing) await this.#update(this.#unknown, this.#known, {}, this.#taking);
    await this.#end();
  }

  async postpone(error: unknown): Promise<void> {
    await reported(async () => this.#journal?.postpone(this.#id, 0, error));
  }

  /** Nothing in place is replaced within a transaction that could be rolled back. */
  async #handOn(): Promise<void> {
    const { field, ref } = this.#handle;
    if (!field.enqueue) return;
    const { handOn } = await import('../derived/hand-on.ts');
    await (await handOn(field, this.#name, ref.key, undefined))();
  }

  /** Where the row still has the file and these columns. @returns whether it had. */
  async #update(
    expected: ColumnValues,
    values: ColumnValues,
    { signal }: CallOptions,
    within: Within,
  ): Promise<boolean> {
    const { name } = this.#handle.field;
    const file = { [name]: this.#name };
    const cameBack = await this.#binding.update(
      this.#key,
      { ...file, ...values },
      { expect: { ...file, ...expected }, ...within, ...(signal ? { signal } : {}) },
    );
    if (cameBack) this.#show(values, cameBack);
    return cameBack !== undefined;
  }

  /** The entry is taken in the transaction that writes the columns. @throws `intent-lost`. */
  get #taking(): Within {
    const { field, ref } = this.#handle;
    const taking: Taking = {
      ...{ id: this.#id, begun: true, oldName: null, settles: false },
      ...{ storage: field.storage.id, model: field.model.name, field: field.name, key: ref.key ?? null },
    };
    return {
      within: async transaction => this.#journal?.take(taking, transaction),
      withinSync: transaction => this.#journal?.takeSync?.(taking, transaction),
    };
  }

  async #end(): Promise<void> {
    await reported(async () => this.#journal?.end(this.#id));
  }

  /** The bytes are replaced, and the row is not as it was. */
  async #lost({ version }: ObjectInfo): Promise<void> {
    const { field } = this.#handle;
    const { storage } = field;
    if (this.#journal) {
      const replaced = { name: this.#name, model: field.model.name, field: field.name };
      return removeReplaced(this.#journal, storage, replaced, version);
    }
    // Two may have been at it: the other one's columns tell of bytes that this one has replaced since.
    const found = await infoIfThere(storage, this.#name, {});
    if (found?.version === version) await this.#update({}, this.#unknown, {}, {});
  }

  #show(values: ColumnValues, cameBack: Readonly<Record<string, unknown>>): void {
    if (this.#owner) showColumns(this.#owner, { ...values, ...cameBack });
  }

  #conflict(outcome: string, applied: boolean): FieldFileError {
    const { field } = this.#handle;
    return new FieldFileError(
      'conflict',
      `The row of ${field.label} is gone, or its file ${JSON.stringify(this.#name)} was changed meanwhile: ${outcome}. Load the row again.`,
      { operation: 'replace', storage: field.storage.id, name: this.#name, field: field.label, applied },
    );
  }
}
