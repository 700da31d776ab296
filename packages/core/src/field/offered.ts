import type { Bytes } from '@fieldfile/storage';
import type { SaveOptions } from './field-file.ts';
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
