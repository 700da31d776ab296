import type { CallOptions, ObjectInfo, OpenedObject, OpenObjectOptions, Storage } from '@fieldfile/storage';
import { disposing, splitLines } from '@fieldfile/storage/internal';
import { deleteFile } from '../change/delete-file.ts';
import { replaceFile } from '../change/replace-file.ts';
import { saveFile } from '../change/save-file.ts';
import type { OwnerRef } from '../ownership/owner-ref.ts';
import type { DeclaredField } from './declared-field.ts';
import type {
  FieldFile,
  FileContent,
  FileReference,
  FileUrlOptions,
  ReadPart,
  SaveOptions,
  StoredFile,
} from './field-file.ts';
import type { FileState, Pending } from './file-state.ts';
import { HANDLE, isHandle, requireName } from './is-handle.ts';
import { ofField, readingField } from './of-field.ts';

import { lazyBody, localPath } from './reading.ts';
import { digestColumn, sizeColumn } from './row-columns.ts';
import { isJsonKey, jsonKey } from './row-key.ts';

const FIELD: unique symbol = Symbol('field');
const REF: unique symbol = Symbol('ref');
const VALUE: unique symbol = Symbol('value');
const SEEN: unique symbol = Symbol('seen');
const CHANGE: unique symbol = Symbol('change');
const TAIL: unique symbol = Symbol('tail');
const NEXT: unique symbol = Symbol('next');

/** What a handle holds, under symbols: whoever walks the keys of an object, as serialisers do, finds none. */
interface State {
  [FIELD]: DeclaredField;
  [REF]: OwnerRef;
  [VALUE]: string | null;
  [SEEN]: unknown;
  [CHANGE]: Pending | undefined;
  [TAIL]: Promise<unknown> | undefined;
  [NEXT]: FileState | undefined;
}

const stateOf = (handle: Handle): State => handle as never;

/**
 * The one implementation of {@link FieldFile}.
 *
 * Its members reach the row through `ref` alone. No `#private`: methods must work when `this` is a proxy of the handle.
 * What is not part of the interface is for core's own modules.
 */
export class Handle implements FileState, Omit<FieldFile, 'stored'> {
  constructor(field: DeclaredField, ref: OwnerRef, value: string | null, seen: unknown) {
    const state = stateOf(this);
    state[FIELD] = field;
    state[REF] = ref;
    state[VALUE] = value;
    state[SEEN] = seen;
    state[CHANGE] = undefined;
    state[TAIL] = undefined;
    state[NEXT] = undefined;
  }

  get field(): DeclaredField {
    return stateOf(this)[FIELD];
  }

  get ref(): OwnerRef {
    return stateOf(this)[REF];
  }

  /** The name as this row object has it: the database's, or a staged one. */
  get value(): string | null {
    return stateOf(this)[VALUE];
  }

  set value(name: string | null) {
    stateOf(this)[VALUE] = name;
  }

  /** What the row's column held when core last read or wrote it. */
  get seen(): unknown {
    return stateOf(this)[SEEN];
  }

  set seen(column: unknown) {
    stateOf(this)[SEEN] = column;
  }

  /** Assigned, but not in the database yet. */
  get change(): Pending | undefined {
    return stateOf(this)[CHANGE];
  }

  set change(change: Pending | undefined) {
    stateOf(this)[CHANGE] = change;
  }

  /** Settles when the operations begun on this handle have; undefined when none is under way. */
  get tail(): Promise<unknown> | undefined {
    return stateOf(this)[TAIL];
  }

  set tail(tail: Promise<unknown> | undefined) {
    stateOf(this)[TAIL] = tail;
  }

  /** The row's next handle, of another field. */
  get next(): FileState | undefined {
    return stateOf(this)[NEXT];
  }

  set next(next: FileState | undefined) {
    stateOf(this)[NEXT] = next;
  }

  get name(): string | null {
    const { change } = this;
    if (change?.kind === 'adopt') return change.name;
    return change && change.kind !== 'staged' ? null : this.value;
  }

  get stored(): StoredFile | null {
    return this.name === null ? null : (this as unknown as StoredFile);
  }

  get pending(): boolean {
    return this.change !== undefined;
  }

  get owner(): object | undefined {
    return this.ref.deref();
  }

  /** The column as the database has it: an empty text stands for no file, too. */
  get columnValue(): string | null {
    return this.value === null && this.seen === '' ? '' : this.value;
  }

  get [Symbol.toStringTag](): string {
    return 'FieldFile'; // keeps cloning libraries from copying its fields
  }

  save(content: FileContent, options: SaveOptions = {}): Promise<void> {
    return saveFile(this, content, options);
  }

  delete(options: CallOptions = {}): Promise<void> {
    return deleteFile(this, options);
  }

  replace(content: FileContent, options: SaveOptions = {}): Promise<void> {
    return replaceFile(this, content, options);
  }

  url(options: FileUrlOptions = {}): Promise<string> {
    return this.reading('url', (storage, name) => storage.url(name, options));
  }

  path(): string {
    return localPath(this.field.storage, requireName(this, 'path'), this.field.label);
  }

  size(options: CallOptions = {}): Promise<number> {
    return this.reading(
      'size',
      async (storage, name) => sizeColumn(this) ?? (await storage.info(name, options)).sizeBytes,
    );
  }

  info(options: CallOptions = {}): Promise<ObjectInfo> {
    return this.reading('info', (storage, name) => storage.info(name, options));
  }

  exists(options: CallOptions = {}): Promise<boolean> {
    return this.reading('exists', (storage, name) => storage.exists(name, options));
  }

  open(options: OpenObjectOptions = {}): Promise<OpenedObject> {
    return this.reading('open', (storage, name) => {
      const verify = options.verify === true ? (digestColumn(this) ?? true) : options.verify;
      return storage.open(name, verify === undefined ? options : { ...options, verify });
    });
  }

  stream(options: ReadPart = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
    return lazyBody(
      () => this.reading('stream', (storage, name) => storage.open(name, options)),
      this.field.label,
    );
  }

  bytes(options: ReadPart = {}): Promise<Uint8Array<ArrayBuffer>> {
    return this.reading('open', async () =>
      disposing(await this.open(bounded(this, options)), opened => opened.bytes()),
    );
  }

  async arrayBuffer(options: ReadPart = {}): Promise<ArrayBuffer> {
    return (await this.bytes(options)).buffer;
  }

  async text(options: ReadPart = {}): Promise<string> {
    return new TextDecoder().decode(await this.bytes(options));
  }

  blob(options: ReadPart = {}): Promise<Blob> {
    return this.reading('open', async () =>
      disposing(await this.open(bounded(this, options)), async opened => {
        const bytes = await opened.bytes();
        return new Blob([bytes], { type: opened.info.contentType ?? '' });
      }),
    );
  }

  async *lines(options: ReadPart = {}): AsyncGenerator<string, void, undefined> {
    const opened = await this.open(bounded(this, options));
    try {
      yield* splitLines(opened.stream);
    } catch (error) {
      throw ofField(error, this.field.label);
    } finally {
      await opened[Symbol.asyncDispose]();
    }
  }

  /** Runs what reads the file. @throws `no-file` where there is none. */
  reading<T>(operation: string, run: (storage: Storage, name: string) => Promise<T>): Promise<T> {
    return readingField(this.field.label, () => {
      const name = requireName(this, operation);
      return run(this.field.storage, name);
    });
  }

  equals(other: FieldFile | string | null): boolean {
    if (!isHandle(other)) return this.name === (typeof other === 'string' ? other : null);
    return (
      this.name === other.name && (this.name === null || this.field.storage.id === other.field.storage.id)
    );
  }

  reference(): FileReference {
    const { model, name: field } = this.field;
    const { name } = this;
    const key = this.field.keyOf(this.ref) ?? null;
    const reference = { model: model.name, field, name, key };
    if (key === null || isJsonKey(key)) return reference;
    // Out of sight: structured clones take the values as they are.
    return Object.defineProperty(reference, 'toJSON', { value: () => ({ ...reference, key: jsonKey(key) }) });
  }

  toJSON(): string | null {
    return this.name;
  }

  toString(): string {
    return this.name ?? '';
  }
}

/** What is kept in memory is no more than the field takes: a compressed object can say that it is small. */
function bounded({ field }: Handle, options: ReadPart): ReadPart {
  const { maxSizeBytes } = field.rules;
  if (maxSizeBytes === undefined || options.maxBytes !== undefined) return options;
  return { ...options, maxBytes: maxSizeBytes };
}

Object.defineProperty(Handle.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Handle): string {
    return `<FieldFile ${this.field.label}: ${this.name ?? 'none'}${this.pending ? ' (pending)' : ''}>`;
  },
});
Object.defineProperty(Handle.prototype, HANDLE, { value: true });
