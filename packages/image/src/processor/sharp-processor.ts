import { availableParallelism } from 'node:os';
import { FieldFileError } from '@fieldfile/core';
import { AtATime } from './at-a-time.ts';
import type { ImageJob, ImageProcessor, ProcessedImage } from './image-processor.ts';
import { jobFailed, throwIfGivenUp } from './job-failed.ts';
import { type ProcessorLimits, withDefaults } from './limits.ts';
import { runSharpJob } from './sharp-job.ts';
import { checkedTransformation } from './transformation.ts';

export interface SharpProcessorOptions extends ProcessorLimits {
  /** Jobs at a time; each uses threads of its own. Default: as many as there are processors. */
  readonly concurrency?: number;
}

/**
 * Makes images with sharp, in this process. From the first job on, sharp decodes raster images only in the whole process:
 * JPEG, PNG, WebP, GIF, TIFF and AVIF.
 *
 * @throws `invalid-argument` for a limit that is none.
 *
 * @example
 * ```ts
 * import { sharpProcessor } from '@fieldfile/image/node';
 *
 * const processor = sharpProcessor({ maxPixels: 25_000_000 });
 * await processor.process({ input: 'photo.jpg', output: 'photo.webp', transformation: { width: 200, format: 'webp' } });
 * ```
 */
export function sharpProcessor(options: SharpProcessorOptions = {}): ImageProcessor {
  const limits = withDefaults(options, 'sharpProcessor');
  const jobs = new AtATime(options.concurrency ?? availableParallelism());
  return {
    process: job =>
      jobs.run(async () => {
        const { input, output, transformation, signal } = job;
        checkedTransformation(transformation, 'What is to be made');
        throwIfGivenUp(signal);
        const running = runSharpJob({ input, output, transformation, limits }).catch(error => {
          throw jobFailed(error);
        });
        return inTime(running, job, limits.timeoutSeconds);
      }),
  };
}

/** A job in this process cannot be killed: nobody waits for it any more, and what it makes is removed. */
async function inTime(
  running: Promise<ProcessedImage>,
  { output, signal }: ImageJob,
  seconds: number,
): Promise<ProcessedImage> {
  const ended = Promise.withResolvers<never>();
  const giveUp = (): void =>
    ended.reject(new FieldFileError('aborted', 'The job was given up.', { operation: 'process' }));
  const late = (): void =>
    ended.reject(
      new FieldFileError('timeout', `The image took longer than ${seconds} s.`, {
        operation: 'process',
        retryable: true,
      }),
    );
  const timer = setTimeout(late, seconds * 1000);
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([running, ended.promise]);
  } catch (error) {
    running.then(
      () => removed(output),
      () => {},
    );
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

async function removed(path: string): Promise<void> {
  const { rm } = await import('node:fs/promises');
  await rm(path, { force: true });
}
