import type { Link, LinkedRow, LinkTerms } from './link.ts';

/** Which links are meant: those that meet all that is said. */
export interface LinkQuery {
  readonly id?: string;
  /** Of a row's field. */
  readonly row?: LinkedRow;
  /** Of the object that it was when the link was given. */
  readonly object?: { readonly storage: string; readonly name: string };
  readonly for?: string;
  /** Only those that can still be used. Default: false. */
  readonly open?: boolean;
}

export interface LinkPage {
  readonly limit: number;
  /** The last link of the page before. */
  readonly after?: Link | undefined;
}

/**
 * Where links are kept. Every answer is from the store itself, nothing is remembered here, so that a link that has ended in
 * one process has ended in all.
 */
export interface LinkStore {
  /** @param lifetimeMs from now, by the store's clock. */
  add(id: string, terms: LinkTerms, lifetimeMs: number): Promise<void>;
  get(id: string): Promise<Link | undefined>;
  /** Counts one use, unless the link has ended: decided and counted in one step, whoever else does so. */
  use(id: string): Promise<boolean>;
  /** @returns the ids of those that were not taken back before. */
  takeBack(query: LinkQuery): Promise<readonly string[]>;
  /** The latest first. */
  list(query: LinkQuery, page: LinkPage): Promise<readonly Link[]>;
  /** Forgets links that ended at least so long ago. @returns how many. */
  removeEnded(agoMs: number): Promise<number>;
}
