import type { BindingContractOptions } from '@fieldfile/conformance/binding';
import type { StorageContractOptions } from '@fieldfile/conformance/storage';

/** How hard a run tries: `npm test`, the larger part that CI does, or `npm run test:deep`. */
export type Run = 'test' | 'ci' | 'deep';

/**
 * The number that is meant for this run, of kills, rivals, rounds or bytes. A smaller one still has to show the mistake.
 *
 * @example
 * ```ts
 * import { load } from '@fieldfile/test-servers/load';
 *
 * const TIMES = load({ test: 100, ci: 1000, deep: 1000 });
 * ```
 */
export function load(numbers: Readonly<Record<Run, number>>): number {
  const run = process.env.FIELDFILE_TEST_LOAD ?? 'test';
  if (!Object.hasOwn(numbers, run))
    throw new Error(`FIELDFILE_TEST_LOAD is "${run}", which is none of ${Object.keys(numbers).join(', ')}.`);
  return numbers[run as Run];
}

const MEBIBYTE = 1024 * 1024;

/**
 * The storage contract's heavy numbers. `largeBytes` stays: it has to be more than a backend may read ahead. Of 4 GiB
 * V8 leaves more garbage behind than of 256 MiB, in the client and in the server that shares its process: what may be
 * in memory is a larger number there, and a smaller part.
 */
export const storageLoad: Required<
  Pick<
    StorageContractOptions,
    'concurrency' | 'abortedUploads' | 'hugeBytes' | 'maxGrowthBytes' | 'timeLimitMs'
  >
> = {
  concurrency: load({ test: 8, ci: 20, deep: 20 }),
  abortedUploads: load({ test: 100, ci: 1000, deep: 1000 }),
  hugeBytes: load({ test: 256, ci: 256, deep: 4096 }) * MEBIBYTE,
  maxGrowthBytes: load({ test: 80, ci: 80, deep: 512 }) * MEBIBYTE,
  timeLimitMs: load({ test: 120_000, ci: 120_000, deep: 1_200_000 }),
};

/** The binding contract's heavy numbers. */
export const bindingLoad: Required<Pick<BindingContractOptions, 'payloadBytes' | 'warmUp'>> = {
  payloadBytes: load({ test: 2, ci: 20, deep: 20 }) * MEBIBYTE,
  warmUp: load({ test: 1000, ci: 3000, deep: 3000 }),
};
