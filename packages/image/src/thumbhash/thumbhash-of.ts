import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Compute, type ComputedValues, type InspectedContent, isFieldFileError } from '@fieldfile/core';
import { rgbaToThumbHash } from 'thumbhash';
import type { ImageProcessor } from '../processor/image-processor.ts';
import { CopiedContent } from './copied-content.ts';

/** The largest side that is hashed. */
const SIDE = 100;

/** A save waits no longer for its thumbhash. Core waits 30 s for what is computed of a stream. */
const WAIT_MS = 10_000;

/** What an image may be the reason for: it is stored, and its thumbhash is not known. */
const OF_THE_IMAGE = ['not-accepted', 'too-large', 'timeout', 'aborted', 'backend'] as const;

/**
 * Computes what `size` does, and the thumbhash. The content is copied into a file while it is read, for the processor.
 *
 * @throws what `size` throws; what is wrong with the processor.
 */
export async function withThumbhash(
  content: AsyncIterable<Uint8Array>,
  about: InspectedContent,
  size: Compute,
  processor: ImageProcessor,
): Promise<ComputedValues> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldfile-thumbhash-'));
  try {
    await using copy = await CopiedContent.into(join(folder, 'image'), content);
    const values = await size(copy.passing(), about);
    if (!(await copy.isWhole())) return values;
    return { ...values, thumbhash: await thumbhashOf(copy.path, join(folder, 'pixels'), about, processor) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function thumbhashOf(
  input: string,
  output: string,
  { signal }: InspectedContent,
  processor: ImageProcessor,
): Promise<string | null> {
  const ended = AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)]);
  const transformation = { width: SIDE, height: SIDE, format: 'raw' } as const;
  try {
    const job = processor.process({ input, output, transformation, signal: ended });
    const made = await Promise.race([job, givenUp(ended)]);
    if (!made) return null;
    const hash = rgbaToThumbHash(made.width, made.height, await readFile(output));
    return Buffer.from(hash).toString('base64');
  } catch (error) {
    if (isFieldFileError(error, ...OF_THE_IMAGE)) return null;
    throw error;
  }
}

/** A processor may have others to serve first. */
function givenUp(signal: AbortSignal): Promise<undefined> {
  return new Promise(resolve => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
    if (signal.aborted) resolve(undefined);
  });
}
