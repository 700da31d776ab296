import { type Compute, FieldFileError, type FieldOptions, type FileColumns } from '@fieldfile/core';
import type { ImageFormat } from '../header/image-header.ts';
import { headerAmong } from '../header/read-header.ts';
import type { ImageProcessor } from '../processor/image-processor.ts';
import { declaredVariants, type VariantFieldOptions } from './declared-variants.ts';
import { acceptedFormats, mayHaveType, SHOWN_TYPES } from './image-types.ts';

/** Columns beside the name of an image. They must take null, which means "not known", or no file. */
export interface ImageColumns<Row extends object> extends FileColumns<Row> {
  /** In pixels, as the image is shown: turned as its orientation says. */
  readonly width?: keyof Row & string;
  readonly height?: keyof Row & string;
  /**
   * What the image looks like in some 25 bytes, as base64: a text of 40 characters holds it. `thumbhashUrl` makes a picture
   * of it. Null also for an image that cannot be decoded, that has more than 50 MiB, or that took too long.
   */
  readonly thumbhash?: keyof Row & string;
}

/** How one field stores its images. */
export interface ImageFieldOptions<Row extends object>
  extends Omit<FieldOptions<Row>, 'accept' | 'columns' | 'computed' | 'derived'>,
    VariantFieldOptions<Row> {
  /**
   * Media types and extensions that are taken. Raster images only: JPEG, PNG, GIF, WebP, AVIF, HEIC and TIFF. Default: the
   * five that every browser shows.
   */
  readonly accept?: readonly string[];
  readonly columns?: ImageColumns<Row>;
  /** Decodes images for their `thumbhash`, while they are stored: `childProcessor()` keeps that out of this process. */
  readonly processor?: ImageProcessor;
}

/**
 * A field that takes images. Width and height are read out of the header while the image is stored, and are written in the
 * same statement as its name: rows that are loaded know them without a request. What is no image of an accepted format, or
 * another one than its name or type says, is refused before it is stored (`not-accepted`).
 *
 * @throws `invalid-argument` for an `accept` list that takes no raster image, a variant that is no transformation, or a
 * `thumbhash` column without a processor.
 *
 * @example
 * ```ts
 * import { defineFiles, model } from '@fieldfile/core';
 * import { imageField } from '@fieldfile/image';
 *
 * interface PhotoRow {
 *   id: number;
 *   image: string | null;
 *   imageWidth: number | null;
 *   imageHeight: number | null;
 * }
 * export const photos = defineFiles(model<PhotoRow>()('photo', 'id'), {
 *   image: imageField({ uploadTo: 'photos/%Y/', columns: { width: 'imageWidth', height: 'imageHeight' } }),
 * });
 * ```
 */
export function imageField<Row extends object>(options: ImageFieldOptions<Row> = {}): FieldOptions<Row> {
  const {
    columns = {},
    accept = SHOWN_TYPES,
    variants,
    variantStorage,
    queue,
    processor,
    ...others
  } = options;
  const { width, height, thumbhash, ...beside } = columns;
  const formats = acceptedFormats(accept);
  if (formats.size === 0)
    throw new FieldFileError(
      'invalid-argument',
      `imageField takes raster images, and accept has none of them: ${accept.join(', ')}. Use ['image/png', 'image/jpeg'], or leave it out.`,
      { operation: 'defineFiles' },
    );
  if (thumbhash !== undefined && !processor)
    throw new FieldFileError(
      'invalid-argument',
      'imageField needs a processor for the column of the thumbhash: processor: childProcessor() of @fieldfile/image/node.',
      { operation: 'defineFiles' },
    );
  if (queue && !variants)
    throw new FieldFileError('invalid-argument', 'imageField has a queue and no variants to build.', {
      operation: 'defineFiles',
    });
  const size = sizeOf(formats);
  return {
    ...others,
    accept,
    columns: beside as FileColumns<Row>,
    ...(variants ? { derived: declaredVariants({ variants, variantStorage, queue }) } : {}),
    computed:
      thumbhash !== undefined && processor
        ? { columns: { width, height, thumbhash }, compute: andThumbhash(size, processor) }
        : { columns: { width, height }, compute: size },
  };
}

function andThumbhash(size: Compute, processor: ImageProcessor): Compute {
  return async (content, about) => {
    const { withThumbhash } = await import('../thumbhash/thumbhash-of.ts'); // it needs Node
    return withThumbhash(content, about, size, processor);
  };
}

/** @throws `not-accepted`. */
function sizeOf(formats: ReadonlySet<ImageFormat>): Compute {
  return async (content, { field, filename, contentType }) => {
    const header = await headerAmong(content[Symbol.asyncIterator]());
    const refuse = (why: string): FieldFileError =>
      new FieldFileError(
        'not-accepted',
        `${field} does not take ${JSON.stringify(filename)}: ${why}. It takes ${[...formats].join(', ')}.`,
        { operation: 'inspect', field, name: filename, applied: false },
      );
    if (!header) throw refuse('it is no image of a known format, or cut off before its size');
    if (!formats.has(header.format)) throw refuse(`it is an image of the format ${header.format}`);
    if (!mayHaveType(header.format, contentType))
      throw refuse(`it is an image of the format ${header.format}, and is called ${contentType}`);
    return { width: header.width, height: header.height };
  };
}
