/** Uploads of Uppy's `@uppy/aws-s3`, by its option `companionEndpoint`. */
export type { UppyOptions } from './uppy/options.ts';
export { uppy } from './uppy/uppy.ts';
