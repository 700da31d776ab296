export { type ImageColumns, type ImageFieldOptions, imageField } from './field/image-field.ts';
export type { ImageFormat, ImageHeader } from './header/image-header.ts';
export { readImageHeader } from './header/read-header.ts';
export type { ImageJob, ImageProcessor, ProcessedImage } from './processor/image-processor.ts';
export type { Fit, OutputFormat, Transformation } from './processor/transformation.ts';
export { thumbhashUrl } from './thumbhash/thumbhash-url.ts';
export { srcset } from './variants/srcset.ts';
export type { VariantOptions } from './variants/variant-options.ts';
