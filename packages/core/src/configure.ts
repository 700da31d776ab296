import {
  configure as configureStorage,
  type ConfigureOptions as StorageConfigureOptions,
} from '@fieldfile/storage';
import { knownOptions } from '@fieldfile/storage/backend';
import { configureKeptObjects } from './ownership/kept-objects.ts';

export interface ConfigureOptions extends StorageConfigureOptions {
  /**
   * Lets the rows of a synchronous loop be collected while it runs: V8's list of kept objects is cleared when a row is
   * touched for the first time, if the heap has grown or was collected since the last time.
   * Default: true. Turn it off if code of yours needs two calls of `WeakRef.deref()` within one job to agree.
   */
  readonly releaseKept?: boolean;
  /** How much the heap may grow before that. Default: 4 MiB. */
  readonly releaseBudgetBytes?: number;
  /**
   * Called with failures that no caller waits for: after a commit a replaced object could not be removed.
   * Default: `process.emitWarning`.
   */
  readonly onError?: (error: unknown) => void;
}

/** Sets what holds for the whole process, in `@fieldfile/storage` too. */
export function configure(options: ConfigureOptions): void {
  knownOptions(options, ['releaseKept', 'releaseBudgetBytes', 'onError'], {
    what: 'configure',
    operation: 'configure',
  });
  const { releaseKept, releaseBudgetBytes, onError } = options;
  configureKeptObjects({
    ...(releaseKept === undefined ? {} : { enabled: releaseKept }),
    ...(releaseBudgetBytes === undefined ? {} : { budgetBytes: releaseBudgetBytes }),
  });
  if (onError) configureStorage({ onError });
}
