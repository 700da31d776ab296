import {
  checkObjectParameters,
  contentTypeOf,
  type ObjectName,
  type WriteOptions,
} from '@fieldfile/storage/backend';
import type { Attributes } from './bucket.ts';
import { encodeMetadata } from './metadata.ts';
import { PARTS, RESERVATION, WRITE_ID } from './resource.ts';

/** What an object gets beside its bytes, as the JSON API names it. */
export interface ObjectParameters {
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  readonly contentType?: string;
  /** ISO 8601. */
  readonly customTime?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly storageClass?: string;
  readonly temporaryHold?: boolean;
  readonly eventBasedHold?: boolean;
}

export type ObjectParametersOption = ObjectParameters | ((name: string) => ObjectParameters);

/** What the caller says of this object goes before what the storage's options say of all. */
export function attributesOf(
  name: ObjectName,
  { writeId, contentType, contentEncoding, cacheControl, contentDisposition, metadata }: WriteOptions,
  parameters: ObjectParametersOption = {},
): Attributes {
  const defaults = typeof parameters === 'function' ? parameters(name) : parameters;
  checkObjectParameters(defaults);
  return {
    ...defaults,
    contentType: contentType ?? defaults.contentType ?? contentTypeOf(name) ?? 'application/octet-stream',
    ...(contentEncoding === undefined ? {} : { contentEncoding }),
    ...(cacheControl === undefined ? {} : { cacheControl }),
    ...(contentDisposition === undefined ? {} : { contentDisposition }),
    metadata: { ...encodeMetadata({ ...defaults.metadata, ...metadata }), [WRITE_ID]: writeId },
  };
}

/** What the object of a write in parts gets: `undo` is to look for those that may be left. */
export function attributesOfParted(...given: Parameters<typeof attributesOf>): Attributes {
  const attributes = attributesOf(...given);
  return { ...attributes, metadata: { ...(attributes.metadata as object), [PARTS]: '1' } };
}

/** @param hasParts whether the write comes in parts, which are then to be looked for. */
export const reservationOf = (
  { writeId }: Pick<WriteOptions, 'writeId'>,
  hasParts: boolean = false,
): Attributes => ({
  contentType: RESERVATION,
  metadata: { [WRITE_ID]: writeId, ...(hasParts ? { [PARTS]: '1' } : {}) },
});

const KEPT = [
  'cacheControl',
  'contentDisposition',
  'contentEncoding',
  'contentLanguage',
  'contentType',
  'customTime',
  'storageClass',
] as const;

/**
 * What a copy gets: what the storage's options say of all, then what the original has, then what the caller says, and the
 * copy's own write id. The class is the storage's where it says one; how the bytes are encoded is the original's to say.
 */
export function attributesOfCopy(
  name: ObjectName,
  original: Attributes,
  options: WriteOptions,
  parameters: ObjectParametersOption = {},
): Attributes {
  const { contentEncoding: _, ...defaults } =
    typeof parameters === 'function' ? parameters(name) : parameters;
  const { contentType, cacheControl, contentDisposition, metadata, writeId } = options;
  const kept = Object.fromEntries(KEPT.flatMap(name => (name in original ? [[name, original[name]]] : [])));
  const { storageClass } = defaults;
  const { [PARTS]: __, ...its } = (original.metadata ?? {}) as Readonly<Record<string, string>>;
  return {
    ...defaults,
    ...kept,
    ...(storageClass === undefined ? {} : { storageClass }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(cacheControl === undefined ? {} : { cacheControl }),
    ...(contentDisposition === undefined ? {} : { contentDisposition }),
    metadata: {
      ...defaults.metadata,
      ...(metadata ? encodeMetadata(metadata) : its),
      [WRITE_ID]: writeId,
    },
  };
}
