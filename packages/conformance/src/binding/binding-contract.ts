import { type BehaviourResult, type ContractReport, observe, summarize } from '../contract/behaviour.ts';
import { type DescribeFunction, settleTest, type TestFunction } from '../contract/test-runner.ts';
import { bindingBehaviours } from './behaviours.ts';
import { type BindingContractOptions, type DocumentRow, resolveOptions } from './options.ts';
import { runBehaviour } from './run-behaviour.ts';

/** How a test runner takes part. */
export interface BindingContractRunner {
  /** `test` of vitest or of `node:test`. */
  readonly test: TestFunction;
  /** Groups the tests under the contract's name. Default: no group. */
  readonly describe?: DescribeFunction;
  /** Where the closing line goes. Default: `console.log`. */
  readonly print?: (line: string) => void;
}

/**
 * Defines one test for every behaviour an ORM's binding promises, and a last one that prints how many ran, passed and
 * were skipped, with reasons. Run it with `--expose-gc`: some behaviours count the rows that are left in memory.
 */
export function bindingContract<Row extends DocumentRow, Page extends object>(
  options: BindingContractOptions<Row, Page> & BindingContractRunner,
): void {
  const { test, describe = (_name, define) => define(), print = line => console.log(line) } = options;
  const settings = resolveOptions(options as unknown as BindingContractOptions);
  describe(`binding contract: ${options.name}`, () => {
    const results: BehaviourResult[] = [];
    for (const behaviour of bindingBehaviours) {
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
export async function runBindingContract<Row extends DocumentRow, Page extends object>(
  options: BindingContractOptions<Row, Page>,
): Promise<ContractReport> {
  const settings = resolveOptions(options as unknown as BindingContractOptions);
  const behaviours: BehaviourResult[] = [];
  for (const behaviour of bindingBehaviours)
    behaviours.push(await observe(behaviour, () => runBehaviour(behaviour, settings)));
  return { name: options.name, behaviours };
}
