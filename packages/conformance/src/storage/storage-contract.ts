import type { ContractReport } from '../contract/behaviour.ts';
import { type Contract, type ContractRunner, defineContract, runContract } from '../contract/contract.ts';
import { storageBehaviours } from './behaviours.ts';
import type { StorageBehaviour } from './context.ts';
import { resolveOptions, type StorageContractOptions } from './options.ts';
import { runBehaviour } from './run-behaviour.ts';

/**
 * Defines one test for every behaviour a storage promises, and a last one that prints how many ran, passed and were
 * skipped, with reasons.
 *
 * @example
 * ```ts
 * import { describe, test } from 'node:test';
 * import { storageContract } from '@fieldfile/conformance/storage';
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
export function storageContract(options: StorageContractOptions & ContractRunner): void {
  defineContract(contractOf(options), options);
}

/** Runs the contract without a test runner. Never throws: what failed is in the report. */
export function runStorageContract(options: StorageContractOptions): Promise<ContractReport> {
  return runContract(contractOf(options));
}

function contractOf(options: StorageContractOptions): Contract<StorageBehaviour> {
  const settings = resolveOptions(options);
  return {
    kind: 'storage',
    name: options.name,
    behaviours: storageBehaviours,
    timeLimitMs: settings.timeLimitMs,
    run: behaviour => runBehaviour(behaviour, settings),
  };
}
