/** Names in the order of their UTF-8 bytes, which is the order the service lists in. */
export class SortedNames {
  // Latin-1 strings of the UTF-8 bytes: JavaScript compares them byte by byte.
  readonly #keys: string[] = [];

  add(name: string): void {
    const key = byteString(name);
    const at = this.#firstNotBefore(key);
    if (this.#keys[at] !== key) this.#keys.splice(at, 0, key);
  }

  delete(name: string): void {
    const key = byteString(name);
    const at = this.#firstNotBefore(key);
    if (this.#keys[at] === key) this.#keys.splice(at, 1);
  }

  /** The first name at or after `from`, or with `past`, the first that does not begin with `from` and comes after it. */
  first(from: string, past: 'at' | 'past-prefix' = 'at'): string | undefined {
    const key = byteString(from);
    // No UTF-8 byte is 0xff, so this sorts behind everything that begins with the prefix.
    const found = this.#keys[this.#firstNotBefore(past === 'at' ? key : `${key}\u00ff`)];
    return found === undefined ? undefined : Buffer.from(found, 'latin1').toString('utf8');
  }

  /** The name that follows `name`. */
  after(name: string): string | undefined {
    // The shortest string behind a name is that name and a zero byte.
    return this.first(`${name}\u0000`);
  }

  #firstNotBefore(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Whether `a` comes before `b` in the order of their UTF-8 bytes. */
export function isBefore(a: string, b: string): boolean {
  return byteString(a) < byteString(b);
}

function byteString(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1');
}
