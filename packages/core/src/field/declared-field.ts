import { type Storage, type StorageAlias, storages } from '@fieldfile/storage';
import { requireStorage } from '@fieldfile/storage/internal';
import { fieldFilename } from '@fieldfile/storage/names';
import type { EnqueueDerived } from '../derived/derived-options.ts';
import type { OwnerRef } from '../ownership/owner-ref.ts';
import type { ComputedColumns } from './computed-columns.ts';
import type { ReferringField } from './declared-fields.ts';
import type { FieldOptions, FileColumns } from './field-options.ts';
import type { Inspector } from './inspection.ts';
import type { ModelInfo } from './model.ts';
import type { ContentRules } from './named-content.ts';
import { requirePath } from './object-path.ts';
import type { RowKey } from './row-key.ts';

type AnyRow = Record<string | symbol, unknown>;

/** A field as it was declared: all that is known of it without its rows' files. */
export class DeclaredField implements ReferringField {
  readonly model: ModelInfo;
  readonly name: string;
  /** `model.field`, for messages. */
  readonly label: string;
  readonly rules: ContentRules;
  readonly columns: FileColumns<AnyRow & object>;
  protected readonly options: FieldOptions<AnyRow>;
  /** Where the row keeps the column: its own property, or for classes, whose property is the accessor, a symbol. */
  protected readonly slot: string | symbol;

  constructor(model: ModelInfo, name: string, options: FieldOptions<AnyRow>) {
    this.model = model;
    this.name = name;
    this.label = `${model.name}.${name}`;
    this.options = options;
    const columns = Object.entries({ ...options.columns, ...options.computed?.columns });
    this.columns = Object.fromEntries(columns.filter(([, column]) => column !== undefined));
    this.rules = { label: this.label, accept: options.accept, maxSizeBytes: options.maxSizeBytes };
    this.slot = model.accessors ? Symbol.for(`@fieldfile/core/column ${this.label}`) : name;
  }

  get storage(): Storage {
    return this.#resolved(this.options.storage ?? 'default');
  }

  /** What is made of its objects, and where that is kept. */
  get derived():
    | { readonly storage: Storage; readonly kinds: Readonly<Record<string, unknown>> }
    | undefined {
    const { derived } = this.options;
    if (!derived) return undefined;
    return {
      storage: derived.storage ? this.#resolved(derived.storage) : this.storage,
      kinds: derived.kinds ?? {},
    };
  }

  /** Who is told of files that rows get. */
  get enqueue(): EnqueueDerived | undefined {
    return this.options.derived?.enqueue;
  }

  get maxLength(): number {
    return this.options.maxLength ?? this.model.binding?.maxLength?.(this.name) ?? 100;
  }

  get inspector(): Inspector | undefined {
    const { inspect } = this.options;
    return typeof inspect === 'function' ? { inspect } : inspect;
  }

  get claims(): FieldOptions<AnyRow>['claims'] {
    return this.options.claims;
  }

  /** What is computed of its content, and in which columns it is kept. */
  get computed(): ComputedColumns<AnyRow> | undefined {
    return this.options.computed;
  }

  /** The object that rows have which nobody gave a file. */
  get default(): string | undefined {
    return this.options.default;
  }

  /** What the column holds where there is no file. */
  get empty(): null | '' {
    return this.options.empty ?? null;
  }

  /** Whether naming a file asks for the row: a callable `uploadTo`. */
  get needsRow(): boolean {
    return typeof this.options.uploadTo === 'function';
  }

  #resolved(storage: StorageAlias | Storage | (() => StorageAlias | Storage)): Storage {
    const given = typeof storage === 'function' ? storage() : storage;
    return typeof given === 'string'
      ? storages.get(given)
      : requireStorage(given, `The storage of ${this.label}`, this.label);
  }

  /** The name a file asks the storage for. */
  async objectName(row: object | undefined, filename: string, storage: Storage): Promise<string> {
    const { uploadTo } = this.options;
    const path =
      typeof uploadTo === 'function'
        ? {
            path: requirePath(
              this.label,
              await uploadTo(row as AnyRow, filename),
              filename,
              row as AnyRow | undefined,
            ),
          }
        : uploadTo;
    return fieldFilename({ uploadTo: path, filename, policy: storage.names, now: new Date() });
  }

  /** The row's key, remembered for when the row is gone. */
  keyOf(ref: OwnerRef, owner: object | undefined = ref.deref()): RowKey | undefined {
    if (ref.key === undefined && owner) ref.key = this.model.key(owner);
    return ref.key;
  }

  /** Whether the row object takes another name. */
  isWritable(row: object): boolean {
    const column = Object.getOwnPropertyDescriptor(row, this.slot);
    return column ? column.writable === true || column.set !== undefined : Object.isExtensible(row);
  }

  /** The row's column as the row object has it. */
  column(row: object): unknown {
    return (row as AnyRow)[this.slot];
  }

  /** Shows columns in the row object, that of the name among them. What cannot be written is left as it is. */
  showColumns(row: object, values: Readonly<Record<string, unknown>>): void {
    for (const [column, value] of Object.entries(values))
      Reflect.set(row, column === this.name ? this.slot : column, value);
  }
}
