import { generateFilename } from './generate-filename.ts';
import { getAlternativeName } from './get-alternative-name.ts';
import { getValidName } from './get-valid-name.ts';
import type { NamePolicy } from './name-policy.ts';

/** Options of {@link djangoNames}. */
export interface DjangoNamesOptions {
  /** Default: `'keep'`. */
  readonly first?: NamePolicy['first'];
}

/**
 * Django's names: kept while they are free, cleaned of what is neither letter, digit, `-`, `_` nor `.`.
 * Spread it to change one hook: `generateFilename` goes through the `getValidName` beside it.
 *
 * @example
 * ```ts
 * import { djangoNames, type NamePolicy } from '@fieldfile/storage/names';
 *
 * const django = djangoNames();
 * export const lowerCase: NamePolicy = { ...django, getValidName: name => django.getValidName(name).toLowerCase() };
 * ```
 */
export function djangoNames(options: DjangoNamesOptions = {}): NamePolicy {
  return {
    getValidName,
    getAlternativeName,
    first: options.first ?? 'keep',
    generateFilename(name) {
      return generateFilename(name, fileName => this.getValidName(fileName));
    },
  };
}

/** Django's names, always with the random part: no name is ever used twice, which suits caches and CDNs. */
export function uniqueNames(): NamePolicy {
  return djangoNames({ first: 'unique' });
}
