import { keyText, type Link, type LinkTerms, linkState } from './link.ts';
import type { LinkPage, LinkQuery, LinkStore } from './link-store.ts';

interface Entry extends Omit<Link, 'state'> {
  /** Counts up with every link: two may be given in one millisecond. */
  readonly order: number;
}

/** Links in this process's memory: for tests and examples. */
export class MemoryLinks implements LinkStore {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: () => Date;
  #given = 0;

  /** @param options `clock`: what time it is. Default: the system clock. */
  constructor(options: { readonly clock?: () => Date } = {}) {
    this.#clock = options.clock ?? (() => new Date());
  }

  async add(id: string, terms: LinkTerms, lifetimeMs: number): Promise<void> {
    const givenAt = this.#clock();
    const expiresAt = new Date(givenAt.getTime() + lifetimeMs);
    const order = ++this.#given;
    this.#entries.set(id, {
      ...terms,
      ...{ id, order, uses: 0, givenAt, expiresAt, lastUsedAt: null, takenBackAt: null },
    });
  }

  async get(id: string): Promise<Link | undefined> {
    const entry = this.#entries.get(id);
    return entry && this.#shown(entry);
  }

  async use(id: string): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (!entry || this.#shown(entry).state !== 'open') return false;
    this.#entries.set(id, { ...entry, uses: entry.uses + 1, lastUsedAt: this.#clock() });
    return true;
  }

  async takeBack(query: LinkQuery): Promise<readonly string[]> {
    const taken = this.#found(query).filter(({ takenBackAt }) => takenBackAt === null);
    for (const entry of taken) this.#entries.set(entry.id, { ...entry, takenBackAt: this.#clock() });
    return taken.map(({ id }) => id);
  }

  async list(query: LinkQuery, { limit, after }: LinkPage): Promise<readonly Link[]> {
    const found = this.#found(query).sort((one, other) => other.order - one.order);
    const start = after ? found.findIndex(({ id }) => id === after.id) + 1 : 0;
    return found.slice(start, start + limit).map(entry => this.#shown(entry));
  }

  async removeEnded(agoMs: number): Promise<number> {
    const before = this.#clock().getTime() - agoMs;
    const ended = [...this.#entries.values()].filter(entry => endOf(entry) <= before);
    for (const { id } of ended) this.#entries.delete(id);
    return ended.length;
  }

  #found(query: LinkQuery): Entry[] {
    const { id, row, object, open = false } = query;
    return [...this.#entries.values()].filter(
      entry =>
        (id === undefined || entry.id === id) &&
        (row === undefined || (entry.row !== null && isSame(entry.row, row))) &&
        (object === undefined || (entry.storage === object.storage && entry.name === object.name)) &&
        (query.for === undefined || entry.for === query.for) &&
        (!open || this.#shown(entry).state === 'open'),
    );
  }

  #shown({ order: _, ...entry }: Entry): Link {
    return { ...entry, state: linkState(entry, this.#clock().getTime()) };
  }
}

const isSame = (one: NonNullable<Link['row']>, other: NonNullable<Link['row']>): boolean =>
  one.model === other.model && one.field === other.field && keyText(one.key) === keyText(other.key);

/** When it ended or will: the last use is the end of one that is used up. */
function endOf({ takenBackAt, expiresAt, lastUsedAt, uses, maxUses }: Entry): number {
  const isUsedUp = maxUses !== null && uses >= maxUses;
  const ends = [takenBackAt, expiresAt, isUsedUp ? lastUsedAt : null];
  return Math.min(...ends.map(end => end?.getTime() ?? Number.POSITIVE_INFINITY));
}
