/** The contract of bindings: what every ORM's package promises. */
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
  EndOfTransaction,
  FileColumn,
  OtherClient,
  PageOperations,
  RowOperations,
  StoredDocument,
  SyncRowOperations,
  SyncTransactions,
} from './binding/options.ts';
export { sqlClient } from './binding/sql-client.ts';
