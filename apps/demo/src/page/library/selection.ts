import type { FileView } from '../../library/file-view.ts';
import { type Kind, kindOf } from '../format.ts';

/** Which files are shown, and in which order. */
export interface Selection {
  readonly words: string;
  readonly kind: Kind | 'all';
  readonly shelf: string;
  readonly order: Order;
}

export type Order = 'newest' | 'oldest' | 'name' | 'largest' | 'type';

export const ORDERS: Readonly<Record<Order, string>> = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  name: 'By name',
  largest: 'Largest first',
  type: 'By type',
};

export const EVERYTHING: Selection = { words: '', kind: 'all', shelf: 'all', order: 'newest' };

const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

const COMPARISONS: Readonly<Record<Order, (one: FileView, other: FileView) => number>> = {
  newest: (one, other) => other.addedAt - one.addedAt,
  oldest: (one, other) => one.addedAt - other.addedAt,
  name: (one, other) => compare(one.title, other.title),
  largest: (one, other) => other.sizeBytes - one.sizeBytes,
  type: (one, other) => compare(one.contentType, other.contentType) || compare(one.title, other.title),
};

export function select(files: Iterable<FileView>, { words, kind, shelf, order }: Selection): FileView[] {
  const wanted = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return [...files]
    .filter(
      file =>
        (kind === 'all' || kindOf(file.contentType) === kind) &&
        (shelf === 'all' || file.shelf === shelf) &&
        wanted.every(word => file.title.toLocaleLowerCase().includes(word)),
    )
    .sort((one, other) => COMPARISONS[order](one, other) || compare(one.id, other.id));
}
