/** Why databases lack features of the binding contract. */
type Lacks = Readonly<Record<string, string>>;

export const SQLITE_LACKS: Lacks = {
  'lost-commit': 'SQLite is in this process',
  'lost-connection': 'SQLite is in this process',
  'ended-silently': 'SQLite ends no transaction at a statement that succeeds',
  deadlocks: 'SQLite has one writer',
};
export const POSTGRES_LACKS: Lacks = {
  'lost-connection': 'PostgreSQL ends no transaction by itself before',
  'ended-by-failure': 'PostgreSQL ends no transaction by itself',
  'ended-silently': 'PostgreSQL ends no transaction by itself',
};
export const MARIADB_LACKS: Lacks = {
  'deferred-constraints': 'MariaDB looks at constraints at once',
};
/** Of a driver that answers at once; on SQLite. */
export const SYNCHRONOUS_LACKS: Lacks = {
  'waiting-transactions': 'a synchronous transaction cannot wait',
};
