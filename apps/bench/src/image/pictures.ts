import { randomFillSync } from 'node:crypto';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';

/** A photograph as a JPEG. */
export interface Picture {
  readonly width: number;
  readonly height: number;
}

/** Of 12 megapixels, as a telephone takes them: some 5 MB. */
export const LARGE: Picture = { width: 4000, height: 3000 };

/** Some 1 MB. */
export const SMALL: Picture = { width: 1800, height: 1350 };

/** The path of a picture below `folder`, made where it is not there yet. */
export async function pictureIn(folder: string, { width, height }: Picture): Promise<string> {
  const path = join(folder, `${width}x${height}.jpg`);
  if (await isThere(path)) return path;
  await mkdir(folder, { recursive: true });
  const made = `${path}.${process.pid}`;
  await photograph(width, height).jpeg({ quality: 88 }).toFile(made);
  await rename(made, path);
  return path;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Large shapes with soft edges, and grain as of a sensor: it is the grain that makes a JPEG long. */
function photograph(width: number, height: number): Sharp {
  const pixels = randomFillSync(new Uint8Array(width * height * 3));
  for (let y = 0, at = 0; y < height; y++) {
    const row = 60 * Math.sin((y / height) * 9);
    for (let x = 0; x < width; x++) {
      const light = 128 + row * Math.sin((x / width) * 11);
      for (let channel = 0; channel < 3; channel++, at++)
        pixels[at] = light + channel * 6 + ((pixels[at] ?? 0) >> 2) - 32;
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}
