import { mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageProcessor } from '../processor/image-processor.ts';
import type { Preview } from './preview.ts';

/** As much as previews see of a file to tell what it is. */
const BEGINNING_BYTES = 4096;

/**
 * Makes images of other files, too: of a file that a preview knows, the preview draws an image first, and the processor makes
 * of it what was asked for. Everything else goes to the processor as it is.
 *
 * @example
 * ```ts
 * import { childProcessor, ImageVariants, pdfPreview, previewProcessor, videoPreview } from '@fieldfile/image/node';
 *
 * const processor = previewProcessor(childProcessor(), [pdfPreview(), videoPreview()]);
 * export const variants = new ImageVariants({ processor });
 * ```
 */
export function previewProcessor(processor: ImageProcessor, previews: readonly Preview[]): ImageProcessor {
  return {
    async process(job) {
      const beginning = await beginningOf(job.input);
      const preview = previews.find(one => one.isOf(beginning));
      if (!preview) return processor.process(job);
      const { input, output, signal } = job;
      const folder = await mkdtemp(`${output}-`);
      try {
        const drawn = join(folder, 'drawn');
        await preview.draw({ input, beginning, output: drawn, ...(signal ? { signal } : {}) });
        return await processor.process({ ...job, input: drawn });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function beginningOf(path: string): Promise<Uint8Array> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(new Uint8Array(BEGINNING_BYTES), 0, BEGINNING_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}
