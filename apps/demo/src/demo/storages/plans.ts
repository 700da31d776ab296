import { isFieldFileError } from '@fieldfile/core';
import { UsageError } from '../../command-line.ts';
import type { Settings } from '../settings.ts';
import type { StorageName } from '../storage-name.ts';
import type { Plan } from './plan.ts';

/**
 * One plan for each storage that is asked for. Only their SDKs are loaded: one takes longer than the rest of the start.
 *
 * @param diskRoot of the storage on the local disk where the settings name none.
 * @throws UsageError for options that a storage refuses.
 */
export async function planStorages(
  names: readonly StorageName[],
  settings: Settings,
  diskRoot: string,
): Promise<readonly (readonly [StorageName, Plan])[]> {
  const plans: Readonly<Record<StorageName, () => Promise<Plan>>> = {
    fs: async () => (await import('./disk.ts')).planDisk(settings.fs ?? { root: diskRoot }),
    s3: async () => (await import('./s3.ts')).planS3(settings.s3),
    gcs: async () => (await import('./gcs.ts')).planGcs(settings.gcs),
    azure: async () => (await import('./azure.ts')).planAzure(settings.azure),
    memory: async () => (await import('./memory.ts')).planMemory(),
  };
  try {
    return await Promise.all(names.map(async name => [name, await plans[name]()] as const));
  } catch (error) {
    if (isFieldFileError(error, 'invalid-argument')) throw new UsageError(error.message);
    throw error;
  }
}
