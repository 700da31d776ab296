import { type FieldFile, FieldFileError, isFieldFileError } from '@fieldfile/core';
import { serve } from '@fieldfile/http';
import { childProcessor, ImageVariants } from '@fieldfile/image/node';

/** What is made of a picture when it is first asked for. Both go with their picture. */
export const PICTURES = {
  thumbnail: { width: 480, height: 320, fit: 'cover', format: 'webp' },
  /** A few hundred bytes: shown blurred, until the thumbnail is there. */
  blur: { width: 24, height: 16, fit: 'cover', format: 'webp', quality: 30 },
} as const;

/** What cannot be decoded has no thumbnail. */
const NOT_DRAWN = ['not-accepted', 'too-large', 'timeout', 'unsupported'] as const;

/** Small pictures of pictures, made in a process of its own: strangers sent them. */
export class Thumbnails implements Disposable {
  readonly #processor = childProcessor();
  readonly #variants = new ImageVariants({ processor: this.#processor });

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
