import type { Transformation } from './transformation.ts';

/** One image to be made of another. Files of this machine, so that no bytes go from process to process. */
export interface ImageJob {
  /** Path of the image. It is only read. */
  readonly input: string;
  /** Path of the file to be made. */
  readonly output: string;
  readonly transformation: Transformation;
  /** Gives the job up. */
  readonly signal?: AbortSignal;
}

/** What was made. */
export interface ProcessedImage {
  /** In pixels; of an animation, one frame's. */
  readonly width: number;
  readonly height: number;
  readonly sizeBytes: number;
}

/**
 * What makes images of images: sharp in this process or in another one, or a library of your own.
 *
 * @example
 * ```ts
 * import { copyFile } from 'node:fs/promises';
 * import type { ImageProcessor } from '@fieldfile/image';
 *
 * export const untouched: ImageProcessor = {
 *   async process({ input, output }) {
 *     await copyFile(input, output);
 *     return { width: 1, height: 1, sizeBytes: 0 };
 *   },
 * };
 * ```
 */
export interface ImageProcessor {
  /**
   * @throws `not-accepted` for what cannot be decoded; `too-large` beyond a limit; `timeout`; `aborted`; `unsupported` where
   * the library is not installed. Nothing is at `output` then.
   */
  process(job: ImageJob): Promise<ProcessedImage>;
}
