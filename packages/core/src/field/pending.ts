import type { Bytes } from '@fieldfile/storage';
import type { StagedChange } from '../change/staged-change.ts';
import type { SaveOptions } from './field-file.ts';
import type { NamedContent } from './named-content.ts';
import type { Snapshot } from './snapshot.ts';

/** Content that is no row's yet. */
export interface OfferedContent {
  readonly content: Bytes | Snapshot;
  readonly options: SaveOptions;
}

/** What a `NewFile` holds until a row takes it. */
export type Offered =
  | ({ readonly kind: 'content' } & OfferedContent)
  | { readonly kind: 'existing'; readonly name: string }
  | { readonly kind: 'none' };

/** Something assigned to a handle that its row in the database does not have yet: one small object a kind of change. */
export type Pending =
  | Assigned
  /** Stored; the row is yet to be written, or its transaction yet to be committed. */
  | { readonly kind: 'staged'; readonly change: StagedChange };

/** Assigned, and not stored yet. */
export type Assigned = (
  | /** Checked content, waiting to be stored. */ { readonly kind: 'content'; readonly content: NamedContent }
  /** An object that is there already, adopted by name. */
  | { readonly kind: 'existing'; readonly name: string }
  /** No file. */
  | { readonly kind: 'none' }
) & {
  /** What the open transaction has written into the row before: a rollback takes that back, too. */
  readonly over?: StagedChange | undefined;
};
