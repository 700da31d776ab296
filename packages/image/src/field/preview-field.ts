import type { FieldOptions } from '@fieldfile/core';
import { declaredVariants, type VariantFieldOptions } from './declared-variants.ts';

/** How one field stores files that have pictures. */
export interface PreviewFieldOptions<Row extends object>
  extends Omit<FieldOptions<Row>, 'derived'>,
    VariantFieldOptions<Row> {
  readonly variants: NonNullable<VariantFieldOptions<Row>['variants']>;
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
  const { variants, variantStorage, queue, ...others } = options;
  return { ...others, derived: declaredVariants({ variants, variantStorage, queue }) };
}
