/**
 * The `srcset` of an `<img>`: the address of each width, with that width.
 *
 * @param urlOf gives the address of the image in a width, in pixels.
 *
 * @example
 * ```ts
 * import { srcset } from '@fieldfile/image';
 *
 * await srcset([320, 640], width => `/photo-${width}.webp`); // '/photo-320.webp 320w, /photo-640.webp 640w'
 * ```
 */
export async function srcset(
  widths: readonly number[],
  urlOf: (width: number) => string | Promise<string>,
): Promise<string> {
  const candidates = await Promise.all(
    // A comma or a space would end the address.
    widths.map(
      async width => `${(await urlOf(width)).replaceAll(' ', '%20').replaceAll(',', '%2C')} ${width}w`,
    ),
  );
  return candidates.join(', ');
}
