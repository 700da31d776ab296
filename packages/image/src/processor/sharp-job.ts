import { rm, stat, writeFile } from 'node:fs/promises';
import type { OutputInfo, Sharp, default as SharpLibrary } from 'sharp';
import type { ProcessedImage } from './image-processor.ts';
import type { ProcessorLimits } from './limits.ts';
import type { Transformation } from './transformation.ts';

/** One job as it goes to another process: plain data. */
export interface SharpJob {
  readonly input: string;
  readonly output: string;
  readonly transformation: Transformation;
  readonly limits: Required<ProcessorLimits>;
}

/** Why a job failed, as plain data. */
export interface JobFailure {
  readonly code: 'not-accepted' | 'too-large' | 'timeout' | 'unsupported' | 'backend';
  readonly message: string;
}

/** A job failed for a reason that is known. */
export class JobError extends Error {
  readonly failure: JobFailure;

  constructor(code: JobFailure['code'], message: string) {
    super(message);
    this.failure = { code, message };
  }
}

/** What is decoded at all. Everything else that a libvips was built with (SVG, PDF, ImageMagick, CSV, …) is blocked. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map(format => `VipsForeignLoad${format}`);

let loaded: Promise<typeof SharpLibrary> | undefined;

/** Loaded with the first job, and locked: in this process sharp decodes raster images only from then on. */
function hardenedSharp(): Promise<typeof SharpLibrary> {
  loaded ??= import('sharp').then(({ default: sharp }) => {
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({ operation: LOADERS });
    sharp.cache(false); // another file may have the same path by then
    return sharp;
  });
  return loaded;
}

/** Loads sharp before the first job. Where that fails, the jobs tell. */
export async function loadSharp(): Promise<void> {
  await hardenedSharp().catch(() => {});
}

/** Why sharp could not be loaded. */
function notInstalled(error: unknown): unknown {
  const { code, message = '' } = error as { readonly code?: string; readonly message?: string };
  if (code !== 'ERR_MODULE_NOT_FOUND' && !message.includes('sharp')) return error;
  return new JobError(
    'unsupported',
    `sharp cannot be loaded, so no image can be made: npm i sharp. ${message}`,
  );
}

/**
 * Makes one image with sharp. Metadata is not kept, GPS and all; orientation is applied; colours are converted to sRGB.
 *
 * @throws JobError. Nothing is at `output` then.
 */
export async function runSharpJob({
  input,
  output,
  transformation,
  limits,
}: SharpJob): Promise<ProcessedImage> {
  const sharp = await hardenedSharp().catch(error => {
    throw notInstalled(error);
  });
  const { size } = await stat(input);
  if (size > limits.maxInputBytes)
    throw new JobError(
      'too-large',
      `The image has ${size} bytes, and at most ${limits.maxInputBytes} are decoded.`,
    );
  const { format, animated = false } = transformation;
  const keepsFrames = animated && (format === 'gif' || format === 'webp');
  const image = sharp(input, {
    limitInputPixels: limits.maxPixels,
    pages: keepsFrames ? -1 : 1,
    failOn: 'error',
    sequentialRead: true,
  });
  try {
    if (keepsFrames) await requireFrames(image, limits);
    const made = shaped(image, transformation, limits).timeout({ seconds: Math.ceil(limits.timeoutSeconds) });
    const info = await written(made, transformation, output);
    const height = info.pageHeight ?? info.height;
    if (info.size > limits.maxOutputBytes)
      throw new JobError(
        'too-large',
        `What was made has ${info.size} bytes, more than ${limits.maxOutputBytes}.`,
      );
    return { width: info.width, height, sizeBytes: info.size };
  } catch (error) {
    await rm(output, { force: true });
    throw error instanceof JobError ? error : explained(error, limits);
  }
}

async function requireFrames(image: Sharp, { maxFrames }: Required<ProcessorLimits>): Promise<void> {
  const { pages = 1 } = await image.metadata();
  if (pages > maxFrames)
    throw new JobError(
      'too-large',
      `The animation has ${pages} frames, and at most ${maxFrames} are decoded.`,
    );
}

function shaped(
  image: Sharp,
  { width, height, fit = 'inside', enlarge = false, background, format, keepProfile }: Transformation,
  { maxOutputPixels }: Required<ProcessorLimits>,
): Sharp {
  if (width !== undefined && height !== undefined && width * height > maxOutputPixels)
    throw new JobError(
      'too-large',
      `${width} × ${height} pixels are more than the ${maxOutputPixels} that are made.`,
    );
  const behind = background ?? (format === 'jpeg' ? '#ffffff' : undefined);
  image.autoOrient();
  if (width !== undefined || height !== undefined)
    image.resize({
      ...(width === undefined ? {} : { width }),
      ...(height === undefined ? {} : { height }),
      fit,
      withoutEnlargement: !enlarge,
      background: behind ?? { r: 0, g: 0, b: 0, alpha: 0 },
    });
  if (behind !== undefined) image.flatten({ background: behind });
  if (keepProfile) image.keepIccProfile();
  return image;
}

async function written(
  image: Sharp,
  { format, quality }: Transformation,
  output: string,
): Promise<OutputInfo> {
  if (format !== 'raw')
    return image
      .toFormat(format, quality === undefined || format === 'gif' ? {} : { quality })
      .toFile(output);
  const pixels = image.ensureAlpha().toColourspace('srgb').raw({ depth: 'uchar' });
  const { data, info } = await pixels.toBuffer({ resolveWithObject: true });
  await writeFile(output, data);
  return info;
}

function explained(error: unknown, { maxPixels }: Required<ProcessorLimits>): unknown {
  const { message = '' } = error as Partial<Error>;
  if (/exceeds pixel limit/.test(message))
    return new JobError('too-large', `The image has more than the ${maxPixels} pixels that are decoded.`);
  if (/timeout:/.test(message)) return new JobError('timeout', 'The image took too long.');
  if (/ENOSPC|No space left/.test(message)) return new JobError('backend', message);
  if (error instanceof Error && 'syscall' in error) return error;
  return new JobError('not-accepted', `The image cannot be decoded: ${message.split('\n', 1)[0]}`);
}
