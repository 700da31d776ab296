import { FieldFileError } from '@fieldfile/core';
import {
  checkedTransformation,
  type OutputFormat,
  type Transformation,
} from '../processor/transformation.ts';

/**
 * A variant of a field's images: what is made of each, in one format, or in the first of several that whoever asks for it
 * takes. The last one is for everybody.
 */
export type VariantOptions =
  | Transformation
  | (Omit<Transformation, 'format'> & { readonly formats: readonly [OutputFormat, ...OutputFormat[]] });

/** @throws `invalid-argument`. */
export function checkedVariant(given: VariantOptions, label: string): VariantOptions {
  if (typeof given !== 'object' || given === null || !('formats' in given))
    return checkedTransformation(given, label);
  const { formats, ...others } = given;
  if (!Array.isArray(formats) || formats.length === 0)
    throw new FieldFileError(
      'invalid-argument',
      `${label} is no variant: formats must be a list, as in ['avif', 'webp', 'jpeg'].`,
      {
        operation: 'transform',
      },
    );
  for (const format of formats) checkedTransformation({ ...others, format }, label);
  return given;
}

/**
 * What is made for whoever sends this `Accept` header. AVIF and WebP are made for those who name them: a wildcard is no
 * promise to show them.
 */
export function transformationFor(
  variant: VariantOptions,
  accept: string | null | undefined,
): Transformation {
  if (!('formats' in variant)) return variant;
  const { formats, ...others } = variant;
  const named = acceptedTypes(accept ?? '');
  const format = formats.find(one => named.has(`image/${one}`)) ?? formats[formats.length - 1] ?? formats[0];
  return { ...others, format };
}

/** Types that the header names with a weight above 0. @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1 */
function acceptedTypes(accept: string): ReadonlySet<string> {
  const types = accept.split(',').flatMap(entry => {
    const [type = '', ...parameters] = entry.split(';').map(part => part.trim().toLowerCase());
    const weight = parameters.find(parameter => parameter.startsWith('q='))?.slice(2) ?? '1';
    return Number(weight) > 0 ? [type] : [];
  });
  return new Set(types);
}
