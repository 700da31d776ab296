import { type ColumnInSql, type NameQueries, nameQueries } from '@fieldfile/core/binding';
import type { SqlExecutor } from '@fieldfile/core/journal';
import type { EntityMetadata } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { isInAnySchema, keyOf, SCHEMA } from './row-key.ts';

export interface EntityNamesOptions {
  em(): SqlEntityManager;
  meta(): EntityMetadata;
  execute(): SqlExecutor;
}

/** What is asked of the names in a class's file columns: in every schema that has its table. */
export function entityNames({ em, meta, execute }: EntityNamesOptions): NameQueries {
  const queries = async (fields: readonly string[]): Promise<NameQueries> => {
    const schemas = await schemasOf(em(), meta(), fields, execute());
    return nameQueries({
      dialect: dialectOf(em()),
      execute,
      columnOf: field => inSql(em(), meta(), field, schemas.get(field) ?? []),
    });
  };
  return {
    isReferenced: async (fields, name, options) =>
      (await queries(fields)).isReferenced(fields, name, options),
    isAnyReferenced: async (fields, spelled, options) =>
      (await queries(fields)).isAnyReferenced(fields, spelled, options),
    isShared: async (field, name, options) => (await queries([field])).isShared(field, name, options),
    async names(field, options) {
      const found = await (await queries([field])).names(field, options);
      const fork = em().fork();
      return found.map(({ key: { [SCHEMA]: schema, ...columns }, name }) => {
        const key = fork.getDriver().mapResult(columns as never, meta());
        const row = fork.getReference(meta().class, key as never, {
          convertCustomTypes: true,
          ...(schema ? { schema: String(schema) } : {}),
        });
        return { key: keyOf(meta(), row) ?? {}, name };
      });
    },
  };
}

/** A schema with the class's table; without a name, where MikroORM finds it without being told. */
type Schema = string | undefined;

/** Only PostgreSQL's default schema is called so, and only MySQL's and MariaDB's character set. */
export function dialectOf(em: SqlEntityManager): 'postgresql' | 'mysql' | 'sqlite' {
  const platform = em.getPlatform();
  if (platform.getDefaultSchemaName() === 'public') return 'postgresql';
  return platform.getDefaultCharset() === 'utf8mb4' ? 'mysql' : 'sqlite';
}

/** The columns of properties. */
export const namesOf = (meta: EntityMetadata, properties: readonly string[]): string[] =>
  properties.flatMap(name => meta.properties[name]?.fieldNames ?? [name]);

/** The schemas of each field: those where a table of that name has its column and the key's, whoever has made them. */
async function schemasOf(
  em: SqlEntityManager,
  meta: EntityMetadata,
  fields: readonly string[],
  execute: SqlExecutor,
): Promise<ReadonlyMap<string, readonly Schema[]>> {
  const everyField = (schemas: readonly Schema[]): Map<string, readonly Schema[]> =>
    new Map(fields.map(field => [field, schemas]));
  if (!isInAnySchema(meta)) return everyField([meta.root.schema]);
  if (!em.getPlatform().supportsSchemas()) return everyField([undefined]);
  const { rows } = await execute(COLUMNS[dialectOf(em) === 'postgresql' ? 'postgresql' : 'sqlite'], [
    meta.tableName,
  ]);
  const own = em.config.getSchema();
  const columns = new Map<Schema, Set<unknown>>();
  for (const { schema, visible, name } of rows) {
    const isOwn = own === undefined ? Boolean(visible) : schema === own;
    const key = isOwn ? undefined : String(schema);
    columns.set(key, (columns.get(key) ?? new Set()).add(name));
  }
  return new Map(
    fields.map(field => {
      const needed = namesOf(meta, [...meta.primaryKeys, field]);
      const found = [...columns].filter(([, names]) => needed.every(name => names.has(name)));
      return [field, found.length > 0 ? found.map(([schema]) => schema) : [undefined]];
    }),
  );
}

/** The columns of all tables of a name. */
const COLUMNS = {
  postgresql:
    'SELECT n.nspname AS schema, pg_table_is_visible(c.oid) AS visible, a.attname AS name ' +
    'FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid ' +
    `WHERE c.relname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't' ` +
    'AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1',
  sqlite:
    `SELECT t.schema AS schema, t.schema = 'main' AS visible, c.name AS name ` +
    'FROM pragma_table_list AS t JOIN pragma_table_info(t.name, t.schema) AS c WHERE t.name = ? ORDER BY 1',
};

/** A file column in all of these schemas: more than one of them as a union, which has the schema in its key. */
function inSql(
  em: SqlEntityManager,
  meta: EntityMetadata,
  field: string,
  schemas: readonly Schema[],
): ColumnInSql {
  const quoted = (name: string): string => em.getPlatform().quoteIdentifier(name);
  const table = (schema: Schema): string => quoted(schema ? `${schema}.${meta.tableName}` : meta.tableName);
  const column = namesOf(meta, [field]).map(quoted).join();
  const key = Object.fromEntries(namesOf(meta, meta.primaryKeys).map(name => [name, quoted(name)]));
  const [first] = schemas;
  if (schemas.length === 1 && (!first || !isInAnySchema(meta))) return { table: table(first), column, key };
  const parts = schemas.map(
    schema =>
      `SELECT ${[column, ...Object.values(key)]}, ${em.getPlatform().quoteValue(schema ?? '')} AS ${quoted(SCHEMA)} FROM ${table(schema)}`,
  );
  return {
    table: `(${parts.join(' UNION ALL ')}) AS found`,
    column,
    key: { ...key, [SCHEMA]: quoted(SCHEMA) },
  };
}
