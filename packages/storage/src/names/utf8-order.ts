/** Compares as the UTF-8 bytes of two texts compare. JavaScript's own order differs where there are surrogates. */
export function compareUtf8(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) {
    const left = one.charCodeAt(index);
    const right = other.charCodeAt(index);
    if (left !== right) return byCodePoint(left) - byCodePoint(right);
  }
  return one.length - other.length;
}

/** Puts surrogates, half of a character beyond U+FFFF, behind U+E000–U+FFFF. */
function byCodePoint(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

const SURROGATES = /[\ud800-\udfff]/;

/** Sorts in place: natively, many times faster, unless a name needs better. */
export function sortUtf8(names: string[]): string[] {
  return names.some(name => SURROGATES.test(name)) ? names.sort(compareUtf8) : names.sort();
}
