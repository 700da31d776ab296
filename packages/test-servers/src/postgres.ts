export { CommitProxy } from './postgres/commit-proxy.ts';
export { type PostgresOptions, type PostgresServer, startPostgres } from './postgres/server.ts';
