import { FieldFileError } from '@fieldfile/core';

/** What can be made. `'raw'`: pixels alone, four bytes each (red, green, blue, opacity), from the top left. */
export type OutputFormat = 'avif' | 'gif' | 'jpeg' | 'png' | 'webp' | 'raw';

/** How an image fits into a width and a height: as in CSS, and `'inside'`: whole, within both. */
export type Fit = 'contain' | 'cover' | 'fill' | 'inside';

/** What is to be made of an image. Plain data: it names the result, and goes through queues and URLs. */
export interface Transformation {
  readonly format: OutputFormat;
  /** In pixels. Without it the width follows from the height. */
  readonly width?: number;
  /** In pixels. Without it the height follows from the width. */
  readonly height?: number;
  /** Default: `'inside'`. */
  readonly fit?: Fit;
  /** Make small images larger, too. Default: false. */
  readonly enlarge?: boolean;
  /** From 1 to 100. Default: the format's own. */
  readonly quality?: number;
  /** Keep an animation, where the format can have one (GIF, WebP). Default: false, the first frame. */
  readonly animated?: boolean;
  /** Colour behind transparent parts, and beside the image with `'contain'`: `'#rrggbb'`. Default: white in JPEG, else none. */
  readonly background?: string;
  /** Keep the image's colour profile instead of converting to sRGB. Default: false. */
  readonly keepProfile?: boolean;
}

const FORMATS: readonly unknown[] = ['avif', 'gif', 'jpeg', 'png', 'webp', 'raw'];
const FITS: readonly unknown[] = [undefined, 'contain', 'cover', 'fill', 'inside'];
const KNOWN: readonly string[] = [
  'format',
  'width',
  'height',
  'fit',
  'enlarge',
  'quality',
  'animated',
  'background',
  'keepProfile',
] satisfies readonly (keyof Transformation)[];

/** The largest side that every format can have. */
const LONGEST_SIDE = 16_383;

const CONTENT_TYPES: Readonly<Record<OutputFormat, string>> = {
  avif: 'image/avif',
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  raw: 'application/octet-stream',
};

/** The media type of what is made. */
export function contentTypeOfFormat(format: OutputFormat): string {
  return CONTENT_TYPES[format];
}

/** @throws `invalid-argument` for what is no transformation, naming what is wrong. */
export function checkedTransformation(given: Transformation, label: string): Transformation {
  const refuse = (fix: string): never => {
    throw new FieldFileError('invalid-argument', `${label} is no transformation: ${fix}.`, {
      operation: 'transform',
    });
  };
  if (typeof given !== 'object' || given === null)
    refuse('give an object such as { width: 200, format: "webp" }');
  const unknown = Object.keys(given).find(key => !KNOWN.includes(key));
  if (unknown !== undefined) refuse(`there is no ${JSON.stringify(unknown)}`);
  const { format, width, height, fit, quality, background } = given;
  if (!FORMATS.includes(format)) refuse(`format must be one of ${FORMATS.join(', ')}`);
  if (!FITS.includes(fit)) refuse("fit must be 'contain', 'cover', 'fill' or 'inside'");
  for (const [name, side] of [['width', width] as const, ['height', height] as const])
    if (side !== undefined && !isWhole(side, LONGEST_SIDE))
      refuse(`${name} must be a whole number from 1 to ${LONGEST_SIDE}`);
  if (quality !== undefined && !isWhole(quality, 100)) refuse('quality must be a whole number from 1 to 100');
  if (background !== undefined && !/^#[\da-f]{6}$/i.test(background))
    refuse("background must be as '#ffffff'");
  for (const name of ['enlarge', 'animated', 'keepProfile'] as const)
    if (given[name] !== undefined && typeof given[name] !== 'boolean')
      refuse(`${name} must be true or false`);
  return given;
}

const isWhole = (value: unknown, most: number): boolean =>
  Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most;

/**
 * A file name that says all of the transformation: the same for the same result, another one for any other.
 * `{ width: 200, height: 200, fit: 'cover', format: 'webp' }` is `200x200-cover.webp`.
 */
export function nameOfTransformation(transformation: Transformation): string {
  const { format, width, height, fit = 'inside', enlarge, quality, animated } = transformation;
  const { background, keepProfile } = transformation;
  let name = width === undefined && height === undefined ? 'whole' : `${width ?? ''}x${height ?? ''}-${fit}`;
  if (enlarge) name += '-enlarged';
  if (quality !== undefined) name += `-q${quality}`;
  if (animated) name += '-animated';
  if (background !== undefined) name += `-${background.slice(1).toLowerCase()}`;
  if (keepProfile) name += '-profile';
  return `${name}.${format === 'jpeg' ? 'jpg' : format}`;
}
