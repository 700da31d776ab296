/** The contract of storages: what every backend promises. */
export type {
  FalteringStorage,
  Feature,
  ObjectHeaders,
  StorageContractOptions,
  StorageUnderTest,
} from './storage/options.ts';
export { runStorageContract, storageContract } from './storage/storage-contract.ts';
