import { isFieldFileError } from '@fieldfile/core';
import { UsageError } from '../../command-line.ts';
import type { Settings } from '../settings.ts';
import type { StorageName } from '../storage-name.ts';
import { planAzure } from './azure.ts';
import { planDisk } from './disk.ts';
import { planGcs } from './gcs.ts';
import { planMemory } from './memory.ts';
import type { Plan } from './plan.ts';
import { planS3 } from './s3.ts';

/**
 * One plan for each storage that is asked for.
 *
 * @param diskRoot of the storage on the local disk where the settings name none.
 * @throws UsageError for options that a storage refuses.
 */
export function planStorages(
  names: readonly StorageName[],
  settings: Settings,
  diskRoot: string,
): readonly (readonly [StorageName, Plan])[] {
  const plans: Readonly<Record<StorageName, () => Plan>> = {
    memory: planMemory,
    fs: () => planDisk(settings.fs ?? { root: diskRoot }),
    s3: () => planS3(settings.s3),
    gcs: () => planGcs(settings.gcs),
    azure: () => planAzure(settings.azure),
  };
  try {
    return names.map(name => [name, plans[name]()]);
  } catch (error) {
    if (isFieldFileError(error, 'invalid-argument')) throw new UsageError(error.message);
    throw error;
  }
}
