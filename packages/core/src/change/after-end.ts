import type { FileScope, ScopedChange } from './file-scope.ts';

/** Runs when the outermost transaction has ended, however often it is tried; at once where none is open. */
export async function afterEnd(scope: FileScope | undefined, run: () => void): Promise<void> {
  let outermost = scope;
  while (outermost?.parent) outermost = outermost.parent;
  if (!outermost || outermost.outcome) return run();
  const running = async (): Promise<void> => run();
  const ended: ScopedChange = {
    committed: running,
    rolledBack: running,
    unknown: running,
    restore: () => {},
    retried: async () => outermost.add(ended),
  };
  outermost.add(ended);
}
