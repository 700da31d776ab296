import { FieldFileError } from '@fieldfile/storage';
import { isObjectName, knownOptions, signingKeys } from '@fieldfile/storage/backend';
import { requireStorageOrMaker } from '@fieldfile/storage/internal';
import { strftime } from '@fieldfile/storage/names';
import type { Binding } from '../binding/binding.ts';
import { installAccessor } from './accessor.ts';
import { declareField } from './declared-fields.ts';
import { Field } from './field.ts';
import type { FieldFile } from './field-file.ts';
import type { FieldOptions } from './field-options.ts';
import type { FileField } from './file-field.ts';
import { type ClassOf, type Model, type ModelInfo, pickKey } from './model.ts';

type FileColumn = FieldFile | string | null | undefined;

/** Columns of a row that can carry a file: `FieldFile`, or the stored name as text. */
export type FileKey<Row extends object> = {
  [K in keyof Row & string]-?: Row[K] extends FileColumn ? K : never;
}[keyof Row & string];

type AnyModel = ClassOf<object> | { readonly name: string; readonly key: readonly string[] };
type AnyOptions = FieldOptions<Record<string, unknown>>;
type Options<Row extends object, Names extends PropertyKey> = { readonly [Name in Names]: FieldOptions<Row> };

export type Declared<Row extends object, Key extends keyof Row, Names extends keyof Row> = {
  readonly [Name in Names]-?: FileField<Row, Key, Name>;
};

/**
 * Declares the file fields of a model.
 *
 * Plain rows (a token of `model`) stay as they are: `files.avatar.of(row)`. Classes get an accessor for every field that
 * has none of its own: `photo.image`.
 *
 * @param binding how rows are persisted; without one, `save` writes the live row object only.
 * @throws `shadowed-field` when a class field would hide the accessor; `invalid-argument` for options out of range.
 *
 * @example
 * ```ts
 * import { defineFiles, type FieldFile } from '@fieldfile/core';
 *
 * class Photo {
 *   declare id: number;
 *   declare image: FieldFile<Photo>;
 * }
 * export const photos = defineFiles(Photo, {
 *   image: { uploadTo: (_photo, name) => `photos/${crypto.randomUUID()}/${name}`, accept: ['image/*'] },
 * });
 * ```
 */
export function defineFiles<Row extends object, Key extends keyof Row & string, Names extends FileKey<Row>>(
  model: Model<Row, Key>,
  fields: Options<Row, Names>,
  binding?: Binding<Row>,
): Declared<Row, Key, Names>;
export function defineFiles<Row extends object, Names extends FileKey<Row>>(
  model: ClassOf<Row>,
  fields: Options<Row, Names>,
  binding?: Binding<Row>,
): Declared<Row, never, Names>;
export function defineFiles(model: AnyModel, fields: object, binding?: Binding<object>): unknown {
  const info = modelInfo(model, binding);
  const declared: Record<string, Field> = {};
  for (const [name, options] of Object.entries(fields as Readonly<Record<string, AnyOptions>>)) {
    checkOptions(`${info.name}.${name}`, options, binding);
    const field = new Field(info, name, options);
    declared[name] = field;
    declareField(field);
    binding?.journal?.fields.add(field);
  }
  if (typeof model === 'function') for (const field of Object.values(declared)) installAccessor(model, field);
  return declared;
}

function modelInfo(model: AnyModel, binding: Binding<object> | undefined): ModelInfo {
  if (typeof model === 'function')
    return {
      name: model.name,
      binding,
      accessors: true,
      key: row => binding?.key(row),
      keyColumns: given => binding?.keyColumns?.(given),
    };
  return {
    name: model.name,
    binding,
    accessors: false,
    key: row => binding?.key(row) ?? pickKey(row, model.key),
    keyColumns: () => model.key,
  };
}

const FIELD_OPTIONS: readonly string[] = [
  'uploadTo',
  'storage',
  'maxLength',
  'accept',
  'maxSizeBytes',
  'inspect',
  'claims',
  'empty',
  'default',
  'columns',
  'computed',
  'derived',
  'ownership',
];
const COLUMNS: readonly string[] = ['size', 'contentType', 'originalName', 'digest'];

function checkOptions(field: string, options: AnyOptions, binding: Binding<object> | undefined): void {
  const refuse = (option: string, fix: string): never => {
    throw new FieldFileError('invalid-argument', `${field}: ${option} must be ${fix}.`, {
      operation: 'defineFiles',
      field,
    });
  };
  knownOptions(options, FIELD_OPTIONS, { what: 'defineFiles', operation: 'defineFiles', field });
  const {
    maxLength,
    maxSizeBytes,
    uploadTo,
    accept,
    empty,
    columns,
    computed,
    ownership,
    storage,
    inspect,
    claims,
  } = options;
  const initial: unknown = options.default;
  if (columns !== undefined)
    knownOptions(columns, COLUMNS, { what: 'columns', operation: 'defineFiles', field });
  if (computed !== undefined && !isComputed(computed)) refuse('computed', '{ columns, compute }');
  const shared = Object.values(computed?.columns ?? {}).find(column =>
    Object.values(columns ?? {}).includes(column),
  );
  if (shared !== undefined) refuse('computed', `columns of its own: ${shared} is among columns, too`);
  const { derived } = options;
  if (derived !== undefined) {
    if (typeof derived !== 'object' || derived === null) refuse('derived', '{ storage, kinds }');
    knownOptions(derived, ['storage', 'kinds', 'enqueue'], {
      what: 'derived',
      operation: 'defineFiles',
      field,
    });
    const { storage: place, enqueue } = derived;
    if (enqueue !== undefined && !(typeof enqueue === 'function' && binding))
      refuse('derived.enqueue', 'a function, of a field with a binding');
    if (place !== undefined && typeof place !== 'string')
      requireStorageOrMaker(place, `The storage of what is derived of ${field}`, field);
  }
  if (ownership !== undefined && ownership !== 'weak' && ownership !== 'strong')
    refuse('ownership', "'weak' or 'strong'");
  if (storage !== undefined && typeof storage !== 'string')
    requireStorageOrMaker(storage, `The storage of ${field}`, field);
  if (uploadTo !== undefined && typeof uploadTo !== 'string' && typeof uploadTo !== 'function')
    refuse('uploadTo', 'a folder, or a function that gives a path');
  if (empty !== undefined && empty !== null && empty !== '') refuse('empty', "null or ''");
  if (initial !== undefined && !(typeof initial === 'string' && isObjectName(initial)))
    refuse('default', 'the name of an object on the storage');
  if (claims !== undefined) {
    knownOptions(claims, ['signingKey'], { what: 'claims', operation: 'defineFiles', field });
    signingKeys(claims.signingKey, `The option claims of ${field}`);
  }
  if (maxLength !== undefined && !(Number.isSafeInteger(maxLength) && maxLength > 0))
    refuse('maxLength', 'a whole number of characters above 0');
  if (maxSizeBytes !== undefined && !(Number.isSafeInteger(maxSizeBytes) && maxSizeBytes >= 0))
    refuse('maxSizeBytes', 'a whole number of bytes');
  if (inspect !== undefined && !isInspector(inspect))
    refuse('inspect', 'a function, or { inspect, timeoutSeconds, maxBytes }');
  if (typeof uploadTo === 'string' && /^[/\\]/.test(uploadTo))
    refuse('uploadTo', 'relative to the storage: leave out the leading slash');
  if (typeof uploadTo === 'string') strftime(uploadTo, new Date(0)); // an unknown directive is found now, not at a save
  if (accept !== undefined && !(Array.isArray(accept) && accept.every(entry => typeof entry === 'string')))
    refuse('accept', "a list, as in ['image/*', '.pdf']");
}

function isComputed(computed: unknown): boolean {
  if (typeof computed !== 'object' || computed === null) return false;
  const { columns, compute, ...others } = computed as Record<string, unknown>;
  return (
    typeof compute === 'function' &&
    typeof columns === 'object' &&
    columns !== null &&
    Object.entries(columns).every(
      ([value, column]) => !COLUMNS.includes(value) && (column === undefined || typeof column === 'string'),
    ) &&
    Object.keys(others).length === 0
  );
}

function isInspector(inspect: unknown): boolean {
  if (typeof inspect === 'function') return true;
  if (typeof inspect !== 'object' || inspect === null) return false;
  const { inspect: run, timeoutSeconds, maxBytes, ...others } = inspect as Record<string, unknown>;
  const isAmount = (value: unknown): boolean =>
    value === undefined || (typeof value === 'number' && value > 0);
  return (
    typeof run === 'function' &&
    isAmount(timeoutSeconds) &&
    isAmount(maxBytes) &&
    Object.keys(others).length === 0
  );
}
