import { type BackendLimits, isObjectName } from '@fieldfile/storage/backend';
import { normalized, oddSpellings } from '../journal/odd-spellings.ts';

/**
 * Names of rows that a storage refuses, and which object they mean all the same: a library that normalises paths, as
 * Django does, reads `docs/x` for `./docs/x`, `docs//x` or `a/../docs/x`.
 *
 * More are spared than Django could read, such as `docs/x` for `/docs/x`: to spare one too many costs space.
 *
 * The usual ones, which a whole table may have, are asked for in the rows. The others are remembered.
 */
export class OddNames {
  readonly #limits: BackendLimits;
  readonly #meant = new Set<string>();

  constructor(limits: BackendLimits) {
    this.#limits = limits;
  }

  /** Whether it is such a name, which is remembered. */
  refuses(name: string): boolean {
    if (isObjectName(name, this.#limits)) return false;
    const meant = normalized(name);
    const isUsual = (): boolean => oddSpellings(meant, this.#limits).includes(name);
    if (isObjectName(meant, this.#limits) && !isUsual()) this.#meant.add(meant);
    return true;
  }

  /** Whether a row that was looked at means this object by an unusual name. */
  hasMet(key: string): boolean {
    return this.#meant.has(key);
  }
}
