import { AzureStorage, type AzureStorageOptions } from '@fieldfile/azure';
import { makeContainer, startAzurite } from '@fieldfile/test-servers/azurite';
import { existingStorage, onServer, type Plan } from './plan.ts';

/** @throws FieldFileError `invalid-argument` for options that the storage refuses. */
export function planAzure(options: AzureStorageOptions | undefined): Plan {
  if (options) return existingStorage('real', new AzureStorage(options));
  return {
    place: 'azurite',
    async open() {
      const azurite = await startAzurite();
      return onServer(azurite, async () => new AzureStorage({ client: await makeContainer(azurite) }));
    },
  };
}
