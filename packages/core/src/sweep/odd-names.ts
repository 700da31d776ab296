import { type BackendLimits, isObjectKey } from '@fieldfile/storage/backend';

/**
 * Names of rows that a storage refuses, and which object they mean all the same: a library that normalises paths, as
 * Django does, reads `docs/x` for `./docs/x`, `docs//x` or `a/../docs/x`.
 *
 * More are spared than Django could read, such as `docs/x` for `/docs/x`: to spare one too many costs space.
 *
 * Those that begin with `./`, which a whole table may have, are asked for in the rows. The others are remembered.
 */
export class OddNames {
  readonly #limits: BackendLimits;
  readonly #meant = new Set<string>();

  constructor(limits: BackendLimits) {
    this.#limits = limits;
  }

  /** Whether it is such a name, which is remembered. */
  refuses(name: string): boolean {
    if (isObjectKey(name, this.#limits)) return false;
    const meant = normalized(name);
    if (name !== `./${meant}` && isObjectKey(meant, this.#limits)) this.#meant.add(meant);
    return true;
  }

  /** Whether a row that was looked at means this object by another name. */
  hasMet(key: string): boolean {
    return this.#meant.has(key);
  }

  async isNamed(key: string, isReferenced: (name: string) => Promise<boolean>): Promise<boolean> {
    return this.hasMet(key) || isReferenced(`./${key}`);
  }
}

/** As Python's `os.path.normpath` does, and `\\` as `/`. */
function normalized(name: string): string {
  const segments: string[] = [];
  for (const segment of name.replaceAll('\\', '/').split('/'))
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  return segments.join('/');
}
