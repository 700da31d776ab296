import type { RowKey } from '@fieldfile/core';

/** Whether a link can be used now: `'open'`, or why it has ended for everybody. */
export type LinkState = 'open' | 'expired' | 'used-up' | 'taken-back';

/** Which file a link gives: the very bytes it was given for, or what the row has when it is used. */
export type LinkedVersion = 'same' | 'current';

/** Whose file a link gives, where it is a row's. */
export interface LinkedRow {
  readonly model: string;
  readonly field: string;
  readonly key: RowKey;
}

/** What is fixed when a link is given. */
export interface LinkTerms {
  /** The id of the storage that the object was on. */
  readonly storage: string;
  /** The object's name. */
  readonly name: string;
  readonly version: string;
  /** Null: the link is for an object, whatever rows there are. */
  readonly row: LinkedRow | null;
  readonly file: LinkedVersion;
  /** Whom it is for, as the application calls them. */
  readonly for: string | null;
  /** Null: any number of times. */
  readonly maxUses: number | null;
  /** The name it is saved under. Null: the object's own. */
  readonly download: string | null;
  readonly disposition: 'inline' | 'attachment' | null;
}

/** A link as its store knows it. Times are by the store's clock. */
export interface Link extends LinkTerms {
  readonly id: string;
  readonly state: LinkState;
  readonly uses: number;
  readonly givenAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly takenBackAt: Date | null;
}

/** Taken back goes first: it was said on purpose. */
export function linkState(
  link: Pick<Link, 'takenBackAt' | 'expiresAt' | 'uses' | 'maxUses'>,
  nowMs: number,
): LinkState {
  if (link.takenBackAt) return 'taken-back';
  if (nowMs >= link.expiresAt.getTime()) return 'expired';
  return link.maxUses !== null && link.uses >= link.maxUses ? 'used-up' : 'open';
}

/** A row's key as one text, whatever the order of its columns. */
export const keyText = (key: RowKey): string =>
  JSON.stringify(Object.fromEntries(Object.entries(key).sort(([one], [other]) => (one < other ? -1 : 1))));
