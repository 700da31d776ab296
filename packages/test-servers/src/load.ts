import type { BindingContractOptions, StorageContractOptions } from '@fieldfile/conformance';

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

/** The storage contract's heavy numbers. `largeBytes` stays: it has to be more than a backend may read ahead. */
export const storageLoad: Required<
  Pick<StorageContractOptions, 'concurrency' | 'abortedUploads' | 'hugeBytes' | 'timeLimitMs'>
> = {
  concurrency: load({ test: 8, ci: 20, deep: 20 }),
  abortedUploads: load({ test: 100, ci: 1000, deep: 1000 }),
  hugeBytes: load({ test: 256, ci: 256, deep: 4096 }) * MEBIBYTE,
  timeLimitMs: load({ test: 120_000, ci: 120_000, deep: 1_200_000 }),
};

/** The binding contract's heavy number. */
export const bindingLoad: Required<Pick<BindingContractOptions, 'payloadBytes'>> = {
  payloadBytes: load({ test: 2, ci: 20, deep: 20 }) * MEBIBYTE,
};
