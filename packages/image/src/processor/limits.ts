import { FieldFileError } from '@fieldfile/core';

/** How much one job may take. What is more is refused before it is decoded, where the header tells it. */
export interface ProcessorLimits {
  /** Bytes of the image. Default: 50 MiB. */
  readonly maxInputBytes?: number;
  /** Pixels of the image: width × height, of an animation × frames. Default: 50 million. */
  readonly maxPixels?: number;
  /** Frames of an animation that is kept. Default: 500. */
  readonly maxFrames?: number;
  /** Pixels of what is made, of one frame. Default: 50 million. */
  readonly maxOutputPixels?: number;
  /** Bytes of what is made. Default: 50 MiB. */
  readonly maxOutputBytes?: number;
  /** Longest time for one job. Default: 30. */
  readonly timeoutSeconds?: number;
}

const MIB = 1024 * 1024;

const DEFAULTS: Required<ProcessorLimits> = {
  maxInputBytes: 50 * MIB,
  maxPixels: 50_000_000,
  maxFrames: 500,
  maxOutputPixels: 50_000_000,
  maxOutputBytes: 50 * MIB,
  timeoutSeconds: 30,
};

/** @throws `invalid-argument` for a limit that is no number above 0. */
export function withDefaults(given: ProcessorLimits, what: string): Required<ProcessorLimits> {
  const limits = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof ProcessorLimits)[]) {
    const value: unknown = given[name];
    if (value === undefined) continue;
    if (typeof value !== 'number' || !(value > 0))
      throw new FieldFileError(
        'invalid-argument',
        `${what}: ${name} must be a number above 0, not ${value}.`,
        {
          operation: 'process',
        },
      );
    limits[name] = value;
  }
  return limits;
}
