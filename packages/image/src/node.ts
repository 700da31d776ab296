export { type PdfPreviewOptions, pdfPreview } from './preview/pdf-preview.ts';
export { previewProcessor } from './preview/preview-processor.ts';
export type { PreviewLimits } from './preview/tool-limits.ts';
export { type VideoPreviewOptions, videoPreview } from './preview/video-preview.ts';
export {
  type ChildProcessor,
  type ChildProcessorOptions,
  childProcessor,
} from './processor/child-processor.ts';
export type { ProcessorLimits } from './processor/limits.ts';
export { type SharpProcessorOptions, sharpProcessor } from './processor/sharp-processor.ts';
export { buildVariants, type VariantWork } from './queue/build-variants.ts';
export { InProcessQueue, type InProcessQueueOptions } from './queue/in-process-queue.ts';
export {
  ImageVariants,
  type ImageVariantsOptions,
  type VariantRequest,
} from './variants/image-variants.ts';
export type { Variant } from './variants/variant.ts';
