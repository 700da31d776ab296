import { configureReport } from './errors/report.ts';
import { knownOptions } from './storage/known-options.ts';

export interface ConfigureOptions {
  /**
   * Told of failures that take nothing from the caller: the object is whole, but what only `undo` needed of its write
   * could not be dropped.
   * Default: `process.emitWarning`.
   */
  readonly onError?: (error: unknown) => void;
}

/** Sets what holds for the whole process. */
export function configure(options: ConfigureOptions): void {
  knownOptions(options, ['onError'], { what: 'configure', operation: 'configure' });
  if (options.onError) configureReport(options.onError);
}
