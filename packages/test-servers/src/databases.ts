export type { ContractDatabase } from './databases/contract-database.ts';
export { mariadbContract } from './databases/mariadb-contract.ts';
export { postgresContract } from './databases/postgres-contract.ts';
export { sqliteContract } from './databases/sqlite-contract.ts';
export type { ServerContract } from './databases/started-contract.ts';
export { asTenant } from './databases/tenants.ts';
