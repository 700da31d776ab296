import { ContainerClient } from '@azure/storage-blob';
import { newWriteId } from '@fieldfile/storage/backend';
import { type Azurite, makeContainer } from '@fieldfile/test-servers/azurite';
import type { AzureStorageOptions } from '../src/options.ts';
import { residueOf } from './container.ts';

/** Where one storage is tested, empty at first. */
export interface Place {
  readonly options: Pick<
    AzureStorageOptions,
    'azureContainer' | 'endpoint' | 'accountName' | 'accountKey' | 'location'
  >;
  residue(): Promise<string[]>;
  /** Takes away whatever is there. */
  dispose(): Promise<void>;
}

/** A container of its own. */
export async function ownPlace(azurite: Azurite): Promise<Place> {
  const container = await makeContainer(azurite);
  const { url: endpoint, accountName, accountKey } = azurite;
  return {
    options: { azureContainer: container.containerName, endpoint, accountName, accountKey },
    residue: () => residueOf(container),
    dispose: async () => void (await container.delete()),
  };
}

/** An account elsewhere. */
export interface GivenAccount {
  readonly accountKey: string;
  /** A folder of its own in the container, which is made when it is missing. */
  place(): Promise<Place>;
}

/** What `FIELDFILE_TEST_AZURE_CONNECTION_STRING` and its sibling name; undefined without it. */
export function givenAccount(env: NodeJS.ProcessEnv = process.env): GivenAccount | undefined {
  const {
    FIELDFILE_TEST_AZURE_CONNECTION_STRING: connectionString,
    FIELDFILE_TEST_AZURE_CONTAINER: azureContainer = 'fieldfile-test',
  } = env;
  if (!connectionString) return undefined;
  const accountKey = /(?:^|;)AccountKey=([^;]+)/i.exec(connectionString)?.[1] ?? '';
  return {
    accountKey,
    async place() {
      const container = new ContainerClient(connectionString, azureContainer);
      await container.createIfNotExists();
      const { accountName, url } = container;
      const location = `contract-${newWriteId()}`;
      return {
        options: {
          azureContainer,
          endpoint: url.slice(0, url.lastIndexOf('/')),
          accountName,
          accountKey,
          location,
        },
        residue: () => residueOf(container, `${location}/`),
        async dispose() {
          for await (const { name } of container.listBlobsFlat({ prefix: `${location}/` }))
            await container.deleteBlob(name);
        },
      };
    },
  };
}
