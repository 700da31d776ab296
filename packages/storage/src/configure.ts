import { configureReport } from './errors/report.ts';

export interface ConfigureOptions {
  /**
   * Told of failures when no caller is left to throw to, such as a connection that could not be closed.
   * Default: `process.emitWarning`.
   */
  readonly onError?: (error: unknown) => void;
}

/** Sets what holds for the whole process. */
export function configure(options: ConfigureOptions): void {
  if (options.onError) configureReport(options.onError);
}
