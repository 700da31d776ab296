/** Raster formats whose header is understood. */
export type ImageFormat = 'jpeg' | 'png' | 'gif' | 'webp' | 'avif' | 'heic' | 'tiff';

/** What an image's header says. */
export interface ImageHeader {
  readonly format: ImageFormat;
  /** In pixels, as the image is shown: turned as its orientation says. */
  readonly width: number;
  readonly height: number;
}

/** How the stored pixels are turned to be shown: EXIF's 1 to 8. */
export type Orientation = number;

/** The size as it is shown. Undefined: no image has such a size. */
export function shownHeader(
  format: ImageFormat,
  width: number,
  height: number,
  orientation: Orientation = 1,
): ImageHeader | undefined {
  if (!(width >= 1 && height >= 1)) return undefined;
  const isTurned = orientation >= 5 && orientation <= 8;
  return isTurned ? { format, width: height, height: width } : { format, width, height };
}
