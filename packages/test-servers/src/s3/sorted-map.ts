/** A map by key that is iterated in the order of the keys' UTF-8 bytes, as S3 lists. */
export class SortedMap<V> {
  readonly #values = new Map<string, V>();
  readonly #keys: string[] = [];

  get size(): number {
    return this.#keys.length;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: V): void {
    if (!this.#values.has(key))
      this.#keys.splice(
        this.#first(other => compareUtf8(other, key) >= 0),
        0,
        key,
      );
    this.#values.set(key, value);
  }

  delete(key: string): void {
    if (this.#values.delete(key))
      this.#keys.splice(
        this.#first(other => compareUtf8(other, key) >= 0),
        1,
      );
  }

  values(): IterableIterator<V> {
    return this.#values.values();
  }

  /** First key at or after `key`. */
  atOrAfter(key: string): string | undefined {
    return this.#keys[this.#first(other => compareUtf8(other, key) >= 0)];
  }

  /** First key after `key`. */
  after(key: string): string | undefined {
    return this.#keys[this.#first(other => compareUtf8(other, key) > 0)];
  }

  /** First key after all that begin with `prefix`. */
  afterPrefix(prefix: string): string | undefined {
    return this.#keys[this.#first(other => !other.startsWith(prefix) && compareUtf8(other, prefix) > 0)];
  }

  /** Index of the first key for which a condition holds that holds for all later ones too. */
  #first(holds: (key: string) => boolean): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.#keys[middle] as string)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Order of UTF-8 bytes: that of code points, which UTF-16 has wrong for surrogates against U+E000–U+FFFF. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = a.charCodeAt(index) - b.charCodeAt(index);
    if (difference !== 0) return rank(a.charCodeAt(index)) - rank(b.charCodeAt(index));
  }
  return a.length - b.length;
}

/** A code unit's place among code points: surrogates stand for those above all others. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
