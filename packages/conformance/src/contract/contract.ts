import {
  type Behaviour,
  type BehaviourResult,
  type ContractReport,
  observe,
  summarize,
} from './behaviour.ts';
import { type DescribeFunction, settleTest, type TestFunction } from './test-runner.ts';

/** How a test runner takes part. */
export interface ContractRunner {
  /** `test` of vitest or of `node:test`. */
  readonly test: TestFunction;
  /** Groups the tests under the contract's name. Default: no group. */
  readonly describe?: DescribeFunction;
  /** Where the closing line goes. Default: `console.log`. */
  readonly print?: (line: string) => void;
}

/** Behaviours, and how to see each of them on what is tested. */
export interface Contract<One extends Behaviour<never>> {
  /** Of what: `storage`, `binding`. */
  readonly kind: string;
  readonly name: string;
  readonly behaviours: readonly One[];
  readonly timeLimitMs: number;
  run(behaviour: One): Promise<void>;
}

/** Defines one test a behaviour, and a last one that prints how many ran, passed and were skipped, with reasons. */
export function defineContract<One extends Behaviour<never>>(
  { kind, name, behaviours, timeLimitMs, run }: Contract<One>,
  { test, describe = (_name, define) => define(), print = line => console.log(line) }: ContractRunner,
): void {
  describe(`${kind} contract: ${name}`, () => {
    const results: BehaviourResult[] = [];
    for (const behaviour of behaviours) {
      test(`${behaviour.id} ${behaviour.title}`, { timeout: timeLimitMs + 10_000 }, async context => {
        const result = await observe(behaviour, () => run(behaviour));
        results.push(result);
        settleTest(result, context);
      });
    }
    test('tells how many behaviours ran', { timeout: 10_000 }, async () => {
      print(summarize({ name, behaviours: results }));
    });
  });
}

/** Runs a contract without a test runner. Never throws: what failed is in the report. */
export async function runContract<One extends Behaviour<never>>({
  name,
  behaviours,
  run,
}: Contract<One>): Promise<ContractReport> {
  const results: BehaviourResult[] = [];
  for (const behaviour of behaviours) results.push(await observe(behaviour, () => run(behaviour)));
  return { name, behaviours: results };
}
