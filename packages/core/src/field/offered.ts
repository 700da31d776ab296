import type { Content, Storage, WriteId } from '@fieldfile/storage';
import type { ComputedValues } from './computed-columns.ts';
import type { SaveOptions } from './field-file.ts';
import type { Snapshot } from './snapshot.ts';

/** Content that is no row's yet. */
export interface OfferedContent {
  readonly content: Content | Snapshot;
  readonly options: SaveOptions;
}

/** What a file's columns tell of it, beside its name. */
export interface Description {
  readonly sizeBytes: number;
  readonly contentType: string | null;
  /** What the client called the file. */
  readonly originalName: string;
  /** SHA-256 as base64, where the field has a column for it. */
  readonly sha256: string | null;
  /** What the field computes of content, by its own names for the values. */
  readonly computed?: ComputedValues | undefined;
}

/** Content that was stored before any row was known. */
export interface StoredContent {
  /** `model.field` that it was stored for. */
  readonly field: string;
  readonly storage: Storage;
  readonly name: string;
  readonly writeId: WriteId;
  /** The journal's entry, where there is one: it ends what nobody takes. */
  readonly intent: WriteId | undefined;
  readonly description: Description;
  /** Until when it waits for a row; in milliseconds since 1970. */
  readonly untilMs: number;
  /** No client was given a URL for it: nothing can come beside it. Default: not known. */
  readonly isAlone?: boolean;
}

/** What a `NewFile` holds until a row takes it. */
export type Offered =
  | ({ readonly kind: 'content' } & OfferedContent)
  | { readonly kind: 'adopt'; readonly name: string }
  | { readonly kind: 'stored'; readonly stored: StoredContent }
  | { readonly kind: 'none' };
