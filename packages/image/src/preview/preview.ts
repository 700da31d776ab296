/** An image to be drawn of a file that is none. Files of this machine. */
export interface PreviewJob {
  /** Path of the file. It is only read. */
  readonly input: string;
  /** As {@link Preview.isOf} got it. */
  readonly beginning: Uint8Array;
  /** Path of the image to be drawn, in a folder that the preview has to itself. */
  readonly output: string;
  /** Gives the job up. */
  readonly signal?: AbortSignal;
}

/**
 * What draws an image of one kind of file: a page of a document, a frame of a video. The image is decoded like any other that
 * strangers sent.
 *
 * @example
 * ```ts
 * import { writeFile } from 'node:fs/promises';
 * import type { Preview } from '@fieldfile/image';
 *
 * const DOT = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
 * export const dots: Preview = {
 *   isOf: beginning => new TextDecoder().decode(beginning).startsWith('dots:'),
 *   draw: ({ output }) => writeFile(output, DOT),
 * };
 * ```
 */
export interface Preview {
  /** Whether a file is of this kind, by its first bytes: 4 KiB, or all that there is. */
  isOf(beginning: Uint8Array): boolean;
  /** @throws as a processor does: `not-accepted` for what cannot be drawn, `too-large`, `timeout`, `aborted`, `unsupported`. */
  draw(job: PreviewJob): Promise<void>;
}
