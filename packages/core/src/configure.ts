import {
  configure as configureStorage,
  type ConfigureOptions as StorageConfigureOptions,
} from '@fieldfile/storage';
import { knownOptions } from '@fieldfile/storage/backend';
import { configureKeptObjects } from './ownership/kept-objects.ts';

export interface ConfigureOptions extends StorageConfigureOptions {
  /**
   * Keep the rows of a synchronous loop collectable by clearing V8's list of kept objects, at a row's first touch, when
   * the heap has grown or was collected since the last time.
   * Default: true. Turn it off if code of yours relies on two `WeakRef.deref()`s agreeing within one job.
   */
  readonly releaseKept?: boolean;
  /** How much the heap may grow before that. Default: 4 MiB. */
  readonly releaseBudgetBytes?: number;
  /**
   * Told of failures after a commit, when no caller is left to throw to: a replaced object that could not be removed.
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
