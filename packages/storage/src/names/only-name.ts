import { FieldFileError } from '../errors/field-file-error.ts';
import { candidateNames, type NameLimits } from './candidate-names.ts';

/**
 * The name as given, for callers that want this name and no other.
 *
 * @throws `suspicious-name` as {@link candidateNames}; `name-too-long` where it would have to be cut.
 */
export function onlyName(name: string, maxLength?: number, limits?: NameLimits): string {
  const getAlternativeName = (): never => {
    throw new FieldFileError(
      'name-too-long',
      `${JSON.stringify(name)} is too long, and no other name is wanted (onTaken: 'fail'): shorten it, or raise maxLength.`,
      { name },
    );
  };
  return candidateNames({ first: 'keep', getAlternativeName }, name, maxLength, limits).first;
}
