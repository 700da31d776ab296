import { configureReport } from './errors/report.ts';
import { knownOptions } from './storage/known-options.ts';

export interface ConfigureOptions {
  /**
   * Called with failures that no caller waits for: an object is stored, but what only `undo` needed of its write could
   * not be removed.
   * Default: `process.emitWarning`.
   */
  readonly onError?: (error: unknown) => void;
}

/** Sets what holds for the whole process. */
export function configure(options: ConfigureOptions): void {
  knownOptions(options, ['onError'], { what: 'configure', operation: 'configure' });
  if (options.onError) configureReport(options.onError);
}
