export type { ContractDatabase } from './databases/contract-database.ts';
export {
  type PostgresContract,
  postgresContract,
} from './databases/postgres-contract.ts';
export { sqliteContract } from './databases/sqlite-contract.ts';
export { asTenant } from './databases/tenants.ts';
