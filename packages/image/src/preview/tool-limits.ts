import { FieldFileError } from '@fieldfile/core';

/** How much drawing one image may take. */
export interface PreviewLimits {
  /** Bytes of the file. Default: 50 MiB for PDFs, 2 GiB for videos. */
  readonly maxInputBytes?: number;
  /** Bytes of the image that is drawn, which is not kept. Default: 50 MiB. */
  readonly maxOutputBytes?: number;
  /** Address space of the process that draws, which is more than its memory. Default: 1 GiB. */
  readonly maxMemoryBytes?: number;
  /** Longest time for one image. Default: 10. */
  readonly timeoutSeconds?: number;
  /** Images at a time. Default: 1. */
  readonly concurrency?: number;
}

const MIB = 1024 * 1024;

const DEFAULTS: Required<PreviewLimits> = {
  maxInputBytes: 50 * MIB,
  maxOutputBytes: 50 * MIB,
  maxMemoryBytes: 1024 * MIB,
  timeoutSeconds: 10,
  concurrency: 1,
};

/** @throws `invalid-argument` for a limit that is no number above 0. */
export function previewLimits(
  given: PreviewLimits,
  what: string,
  own: PreviewLimits = {},
): Required<PreviewLimits> {
  const limits = { ...DEFAULTS, ...own };
  for (const name of Object.keys(DEFAULTS) as (keyof PreviewLimits)[])
    if (given[name] !== undefined) limits[name] = amount(given[name], `${what}: ${name}`);
  return limits;
}

/** @throws `invalid-argument`. */
export function amount(value: unknown, what: string): number {
  if (typeof value === 'number' && value > 0) return value;
  throw new FieldFileError('invalid-argument', `${what} must be a number above 0, not ${value}.`, {
    operation: 'process',
  });
}
