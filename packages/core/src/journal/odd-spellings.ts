import { type BackendLimits, isObjectName } from '@fieldfile/storage/backend';

/** Separators, and beginnings, that a library which normalises paths takes for `/` and for nothing. */
const SEPARATORS = ['//', '/./', '\\'];
const BEGINNINGS = ['./', '/', './/', '/./', '././', '.\\'];

/** Deeper ones are spelled oddly as a whole only: a row is asked for a few names, whatever it is. */
const MOST_PLACES = 8;

/**
 * How rows of another library may name the object `docs/x`, which a storage itself refuses: `./docs/x`, `/docs/x`,
 * `docs//x`, `docs/./x` or `docs\x`. Each is looked up in the index of the column, so there are a few of them: those that
 * climb, as `a/../docs/x`, are seen by `sweep` alone.
 */
export function oddSpellings(name: string, limits: BackendLimits): string[] {
  const segments = name.split('/');
  const spellings = new Set([`${name}/`]);
  for (const separator of SEPARATORS) {
    const whole = segments.join(separator);
    spellings.add(whole);
    spellings.add(`./${whole}`);
    if (segments.length <= MOST_PLACES + 1)
      for (let place = 1; place < segments.length; place++)
        spellings.add([segments.slice(0, place).join('/'), segments.slice(place).join('/')].join(separator));
  }
  for (const beginning of BEGINNINGS) spellings.add(beginning + name);
  return [...spellings].filter(spelling => !isObjectName(spelling, limits));
}

/** Which object such a name means: as Python's `os.path.normpath` does, and `\\` as `/`. */
export function normalized(name: string): string {
  const segments: string[] = [];
  for (const segment of name.replaceAll('\\', '/').split('/'))
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  return segments.join('/');
}
