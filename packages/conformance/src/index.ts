export { bindingContract, runBindingContract } from './binding/binding-contract.ts';
export { type ContractDialect, contractTables } from './binding/contract-tables.ts';
export { LiveObjects } from './binding/live-objects.ts';
export type {
  BindingContractOptions,
  BindingFeature,
  BindingSetup,
  BindingUnderTest,
  DocumentRow,
  DocumentValues,
  FileColumn,
  OtherClient,
  PageOperations,
  RowOperations,
  StoredDocument,
} from './binding/options.ts';
export { sqlClient } from './binding/sql-client.ts';
export type { BehaviourResult, ContractReport, Outcome } from './contract/behaviour.ts';
export { summarize } from './contract/behaviour.ts';
export type { ContractRunner } from './contract/contract.ts';
export type { DescribeFunction, TestFunction } from './contract/test-runner.ts';
export {
  before,
  type Fault,
  halfWay,
  lostAnswer,
  type MakeError,
  refused,
  reset,
  shortBody,
  throttled,
  timedOut,
  waitFor,
} from './faults/fault.ts';
export { type BackendCall, type Interceptor, intercept, type Operation } from './faults/intercept.ts';
export { type Recording, recordCalls } from './faults/record-calls.ts';
export { type PlannedFault, withFaults } from './faults/with-faults.ts';
export type { Feature, StorageContractOptions, StorageUnderTest } from './storage/options.ts';
export { runStorageContract, storageContract } from './storage/storage-contract.ts';
