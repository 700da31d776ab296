import { type FieldFile, FieldFileError, isFieldFileError } from '@fieldfile/core';
import { serve } from '@fieldfile/http';
import {
  childProcessor,
  ImageVariants,
  pdfPreview,
  previewProcessor,
  videoPreview,
} from '@fieldfile/image/node';

/** What is made of a picture, a page or a video when it is first asked for. It goes with its file. */
export const PICTURES = {
  thumbnail: { width: 480, height: 320, fit: 'cover', format: 'webp' },
  /** A few hundred bytes: shown blurred, until the thumbnail is there. */
  blur: { width: 24, height: 16, fit: 'cover', format: 'webp', quality: 30 },
  /** Of a document, whole. */
  page: { width: 640, height: 640, format: 'webp' },
} as const;

/** Which of them a request names; the thumbnail, where it names none. */
export const pictureNamed = (size: string | undefined): keyof typeof PICTURES =>
  size === 'blur' || size === 'page' ? size : 'thumbnail';

/** What cannot be decoded has no thumbnail. */
const NOT_DRAWN = ['not-accepted', 'too-large', 'timeout', 'unsupported'] as const;

/** Small pictures of files, made in processes of their own: strangers sent them. */
export class Thumbnails implements Disposable {
  readonly #processor = childProcessor();
  readonly #variants = new ImageVariants({
    processor: previewProcessor(this.#processor, [pdfPreview(), videoPreview()]),
  });

  /** Where there is nothing to draw, the answer has no content. */
  async answer(file: FieldFile, size: keyof typeof PICTURES, request: Request): Promise<Response> {
    const { stored } = file;
    if (!stored) throw new FieldFileError('no-file', 'This row has no file.', { operation: 'thumbnail' });
    try {
      const variant = await this.#variants.of(stored, size);
      await variant.build();
      return await serve(request, variant, { immutable: true });
    } catch (error) {
      if (NOT_DRAWN.some(code => isFieldFileError(error, code))) return new Response(null, { status: 204 });
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#processor[Symbol.dispose]();
  }
}
