import { type AlternativeNames, candidateNames } from './candidate-names.ts';

const withoutSuffix: AlternativeNames = {
  first: 'keep',
  getAlternativeName: (root, extension) => root + extension,
};

/**
 * The name to replace an object under: as given, its root cut to `maxLength` (code points) and nothing random added.
 * Django's `FileSystemStorage(allow_overwrite=True)`.
 *
 * @throws `suspicious-name` and `name-too-long` as {@link candidateNames}.
 */
export function overwriteName(name: string, maxLength?: number): string {
  return candidateNames(withoutSuffix, name, maxLength).first;
}
