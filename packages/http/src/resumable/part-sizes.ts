import { FieldFileError } from '@fieldfile/storage';
import type { PartLimits } from '@fieldfile/storage/parts';
import type { Progress } from './progress.ts';

/** What is written where it belongs, as it comes, is not kept in memory. */
const STREAMED_BYTES = 64 * 1024 ** 2;

/** Services take a part whole and with its length: it is gathered first, since what is cut off would be lost. */
const GATHERED_BYTES = 5 * 1024 ** 2;

/** So much memory may a part take that is gathered, whatever size a client announces. */
const MOST_GATHERED_BYTES = 64 * 1024 ** 2;

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
  const isStreamed = areStreamed({ minPartBytes, maxPartBytes });
  const leftBytes = sizeBytes === null ? offset : sizeBytes - offset;
  const needed = Math.ceil(leftBytes / Math.max(1, (maxParts - nextPart) / 2));
  const usual = Math.max(minPartBytes, isStreamed ? STREAMED_BYTES : GATHERED_BYTES, needed);
  const mostBytes = Math.min(usual, isStreamed ? maxPartBytes : mostGathered({ minPartBytes, maxPartBytes }));
  return { leastBytes: isStreamed ? Math.min(LEAST_BYTES, mostBytes) : mostBytes, mostBytes, isStreamed };
}

/** @throws `too-large` for more bytes than all parts together can have. */
export function requirePossible(limits: PartLimits, sizeBytes: number | null): void {
  if (sizeBytes === null || areStreamed(limits)) return;
  const most = mostGathered(limits) * limits.maxParts;
  if (sizeBytes > most)
    throw new FieldFileError('too-large', `An upload in pieces has at most ${most} bytes on this storage.`, {
      operation: 'upload',
    });
}

type PartBytes = Pick<PartLimits, 'minPartBytes' | 'maxPartBytes'>;

const mostGathered = ({ minPartBytes, maxPartBytes }: PartBytes): number =>
  Math.min(maxPartBytes, Math.max(MOST_GATHERED_BYTES, minPartBytes));

const areStreamed = ({ minPartBytes, maxPartBytes }: PartBytes): boolean =>
  minPartBytes === 1 && maxPartBytes === Number.MAX_SAFE_INTEGER;
