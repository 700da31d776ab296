import type { FieldOptions } from '@fieldfile/core';
import type { VariantOptions } from '../variants/variant-options.ts';
import { declaredVariants } from './declared-variants.ts';

/** How one field stores files that have pictures. */
export interface PreviewFieldOptions<Row extends object> extends Omit<FieldOptions<Row>, 'derived'> {
  /** What can be made of their pictures, by name, for `ImageVariants`. An empty object allows other transformations alone. */
  readonly variants: Readonly<Record<string, VariantOptions>>;
  /** Where variants are kept. Default: the field's storage. */
  readonly variantStorage?: NonNullable<FieldOptions<Row>['storage']>;
}

/**
 * A field of documents, videos and images, with variants of each: of a PDF's first page, of a frame of a video, of an image
 * itself. `ImageVariants` makes them with a `previewProcessor`. It takes every file, unless `accept` says otherwise: what
 * nothing can be drawn of has no variants.
 *
 * @throws `invalid-argument` for a variant that is no transformation.
 *
 * @example
 * ```ts
 * import { defineFiles, model } from '@fieldfile/core';
 * import { previewField } from '@fieldfile/image';
 *
 * interface Attachment {
 *   id: number;
 *   file: string | null;
 * }
 * export const attachments = defineFiles(model<Attachment>()('attachment', 'id'), {
 *   file: previewField({
 *     accept: ['application/pdf', 'video/*', 'image/*'],
 *     variants: { card: { width: 480, height: 320, fit: 'cover', format: 'webp' } },
 *   }),
 * });
 * ```
 */
export function previewField<Row extends object>(options: PreviewFieldOptions<Row>): FieldOptions<Row> {
  const { variants, variantStorage, ...others } = options;
  return { ...others, derived: declaredVariants(variants, variantStorage) };
}
