import type { ContractReport } from '../contract/behaviour.ts';
import { type Contract, type ContractRunner, defineContract, runContract } from '../contract/contract.ts';
import { bindingBehaviours } from './behaviours.ts';
import type { BindingBehaviour } from './context.ts';
import { type BindingContractOptions, type DocumentRow, resolveOptions } from './options.ts';
import { runBehaviour } from './run-behaviour.ts';

/**
 * Defines one test for every behaviour an ORM's binding promises, and a last one that prints how many ran, passed and
 * were skipped, with reasons. Run it with `--expose-gc`: some behaviours count the rows that are left in memory.
 */
export function bindingContract<Row extends DocumentRow, Page extends object>(
  options: BindingContractOptions<Row, Page> & ContractRunner,
): void {
  defineContract(contractOf(options), options);
}

/** Runs the contract without a test runner. Never throws: what failed is in the report. */
export async function runBindingContract<Row extends DocumentRow, Page extends object>(
  options: BindingContractOptions<Row, Page>,
): Promise<ContractReport> {
  return runContract(contractOf(options));
}

function contractOf<Row extends DocumentRow, Page extends object>(
  options: BindingContractOptions<Row, Page>,
): Contract<BindingBehaviour> {
  const settings = resolveOptions(options as unknown as BindingContractOptions);
  return {
    kind: 'binding',
    name: options.name,
    behaviours: options.only ? options.only.map(behaviourOf) : bindingBehaviours,
    timeLimitMs: settings.timeLimitMs,
    run: behaviour => runBehaviour(behaviour, settings),
  };
}

function behaviourOf(id: string): BindingBehaviour {
  const found = bindingBehaviours.find(behaviour => behaviour.id === id);
  if (found) return found;
  throw new Error(`The binding contract has no behaviour ${id}.`);
}
