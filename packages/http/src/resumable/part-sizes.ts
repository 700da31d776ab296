import type { PartLimits } from '@fieldfile/storage/parts';
import type { Progress } from './progress.ts';

/** What is written where it belongs, as it comes, is not kept in memory. */
const STREAMED_BYTES = 64 * 1024 ** 2;

/** Services take a part whole and with its length: it is gathered first, since what is cut off would be lost. */
const GATHERED_BYTES = 5 * 1024 ** 2;

/** A part is not begun for less: what is less is kept as a tail. */
const LEAST_BYTES = 64 * 1024;

/** How large the parts of an upload are. */
export interface PartSizes {
  /** With less no part is begun, but the last one. */
  readonly leastBytes: number;
  readonly mostBytes: number;
  /** Parts go out while they come in. */
  readonly isStreamed: boolean;
}

/**
 * Where parts have no limits they are written as they come. Larger ones where numbers run short: half of those that are left suffice for what is
 * left.
 */
export function partSizes(
  { minPartBytes, maxPartBytes, maxParts }: PartLimits,
  { sizeBytes, offset, nextPart }: Pick<Progress, 'sizeBytes' | 'offset' | 'nextPart'>,
): PartSizes {
  const isStreamed = minPartBytes === 1 && maxPartBytes === Number.MAX_SAFE_INTEGER;
  const leftBytes = sizeBytes === null ? offset : sizeBytes - offset;
  const needed = Math.ceil(leftBytes / Math.max(1, (maxParts - nextPart) / 2));
  const usual = Math.max(minPartBytes, isStreamed ? STREAMED_BYTES : GATHERED_BYTES, needed);
  const mostBytes = Math.min(usual, maxPartBytes);
  return { leastBytes: isStreamed ? Math.min(LEAST_BYTES, mostBytes) : mostBytes, mostBytes, isStreamed };
}
