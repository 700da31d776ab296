import { sha256 } from '../digests/sha256.ts';
import { type Context, nameOf } from '../upload/context.ts';

const SAMPLE_BYTES = 64 * 1024;

/**
 * What tells a file of an endpoint from others: name, type, size and date, and what its ends look like.
 *
 * @returns undefined where that would not tell it from another: a `Blob` has neither a name nor a date.
 */
export async function fingerprintOf(
  { chosen, file }: Context,
  endpoint: string,
  key: string | undefined,
): Promise<string | undefined> {
  const name = nameOf(chosen);
  if ((name === undefined && key === undefined) || !globalThis.crypto?.subtle) return undefined;
  const { size, type } = file;
  const changed = 'lastModified' in chosen ? chosen.lastModified : undefined;
  const ends = new Blob([file.slice(0, SAMPLE_BYTES), file.slice(Math.max(0, size - SAMPLE_BYTES))]);
  return JSON.stringify([endpoint, key, name, size, type, changed, await sha256(ends)]);
}
