import { type BehaviourResult, type ContractReport, observe, summarize } from '../contract/behaviour.ts';
import { type DescribeFunction, settleTest, type TestFunction } from '../contract/test-runner.ts';
import { storageBehaviours } from './behaviours.ts';
import { resolveOptions, type StorageContractOptions } from './options.ts';
import { runBehaviour } from './run-behaviour.ts';

/** How a test runner takes part. */
export interface StorageContractRunner {
  /** `test` of vitest or of `node:test`. */
  readonly test: TestFunction;
  /** Groups the tests under the contract's name. Default: no group. */
  readonly describe?: DescribeFunction;
  /** Where the closing line goes. Default: `console.log`. */
  readonly print?: (line: string) => void;
}

/**
 * Defines one test for every behaviour a storage promises, and a last one that prints how many ran, passed and were
 * skipped, with reasons.
 *
 * @example
 * ```ts
 * import { describe, test } from 'node:test';
 * import { storageContract } from '@fieldfile/conformance';
 * import { MemoryStorage } from '@fieldfile/memory';
 *
 * storageContract({
 *   name: 'memory',
 *   test,
 *   describe,
 *   create: async () => ({ storage: new MemoryStorage() }),
 * });
 * ```
 */
export function storageContract(options: StorageContractOptions & StorageContractRunner): void {
  const { test, describe = (_name, define) => define(), print = line => console.log(line) } = options;
  const settings = resolveOptions(options);
  describe(`storage contract: ${options.name}`, () => {
    const results: BehaviourResult[] = [];
    for (const behaviour of storageBehaviours) {
      test(`${behaviour.id} ${behaviour.title}`, {
        timeout: settings.timeLimitMs + 10_000,
      }, async context => {
        const result = await observe(behaviour, () => runBehaviour(behaviour, settings));
        results.push(result);
        settleTest(result, context);
      });
    }
    test('tells how many behaviours ran', { timeout: 10_000 }, async () => {
      print(summarize({ name: options.name, behaviours: results }));
    });
  });
}

/** Runs the contract without a test runner. Never throws: what failed is in the report. */
export async function runStorageContract(options: StorageContractOptions): Promise<ContractReport> {
  const settings = resolveOptions(options);
  const behaviours: BehaviourResult[] = [];
  for (const behaviour of storageBehaviours)
    behaviours.push(await observe(behaviour, () => runBehaviour(behaviour, settings)));
  return { name: options.name, behaviours };
}
