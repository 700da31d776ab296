import type { BehaviourResult } from './behaviour.ts';

/** What vitest and `node:test` have in common: a name, options, a function that gets something to skip with. */
export type TestFunction = (
  name: string,
  options: { readonly timeout: number },
  run: (context: { skip(reason?: string): unknown }) => Promise<void>,
) => unknown;

/** Groups tests: `describe` of vitest or of `node:test`. */
export type DescribeFunction = (name: string, define: () => void) => unknown;

/** Turns a result into what the runner understands: nothing, a throw, or a skip. */
export function settleTest(result: BehaviourResult, context: { skip(reason?: string): unknown }): void {
  if (result.outcome === 'failed') throw result.error;
  if (result.outcome === 'skipped') context.skip(result.reason);
}
