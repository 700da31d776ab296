import { type Binding, nameQueries } from '@fieldfile/core/binding';
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
export function entityNames({
  em,
  meta,
  execute,
}: EntityNamesOptions): Pick<Binding<object>, 'isReferenced' | 'names'> {
  const queries = async (field: string): Promise<ReturnType<typeof nameQueries>> => {
    const columns = columnsOf(meta(), field);
    const schemas = await schemasOf(em(), meta(), columns, execute());
    return nameQueries({
      dialect: dialectOf(em()),
      execute,
      columnOf: () => inSql(em(), meta(), columns, schemas),
    });
  };
  return {
    isReferenced: async (field, name, options) => (await queries(field)).isReferenced(field, name, options),
    async names(field, options) {
      const found = await (await queries(field)).names(field, options);
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

interface Columns {
  readonly file: string;
  readonly key: readonly string[];
}

/** A schema with the class's table; without a name, where MikroORM finds it without being told. */
type Schema = string | undefined;

/** Only PostgreSQL's default schema is called so. */
const dialectOf = (em: SqlEntityManager): 'postgresql' | 'sqlite' =>
  em.getPlatform().getDefaultSchemaName() === 'public' ? 'postgresql' : 'sqlite';

function columnsOf(meta: EntityMetadata, field: string): Columns {
  const names = (name: string): string[] => meta.properties[name]?.fieldNames ?? [name];
  return { file: names(field).join(), key: meta.primaryKeys.flatMap(names) };
}

/** Tables of that name and with these columns are the class's, whoever has made the schema. */
async function schemasOf(
  em: SqlEntityManager,
  meta: EntityMetadata,
  { file, key }: Columns,
  execute: SqlExecutor,
): Promise<readonly Schema[]> {
  if (!isInAnySchema(meta)) return [meta.root.schema];
  if (!em.getPlatform().supportsSchemas()) return [undefined];
  const names = [file, ...key];
  const dialect = dialectOf(em);
  const { rows } = await execute(SCHEMAS[dialect](names.length), [meta.tableName, ...names]);
  const own = em.config.getSchema();
  const schemas = rows.map(({ name, visible }) =>
    (own === undefined ? Boolean(visible) : name === own) ? undefined : String(name),
  );
  return schemas.length > 0 ? schemas : [undefined];
}

const placeholders = (count: number, mark: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => mark(index + 2)).join();

const SCHEMAS = {
  postgresql: (count: number): string =>
    'SELECT n.nspname AS name, pg_table_is_visible(c.oid) AS visible ' +
    'FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace ' +
    `WHERE c.relname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't' ` +
    'AND (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped ' +
    `AND a.attname IN (${placeholders(count, index => `$${index}`)})) = ${count} ORDER BY 1`,
  sqlite: (count: number): string =>
    `SELECT t.schema AS name, t.schema = 'main' AS visible FROM pragma_table_list AS t WHERE t.name = ? ` +
    'AND (SELECT count(*) FROM pragma_table_info(t.name, t.schema) AS c ' +
    `WHERE c.name IN (${placeholders(count, () => '?')})) = ${count} ORDER BY 1`,
};

/** A file column in all of these schemas: more than one of them as a union, which has the schema in its key. */
function inSql(
  em: SqlEntityManager,
  meta: EntityMetadata,
  { file, key }: Columns,
  schemas: readonly Schema[],
): ReturnType<Parameters<typeof nameQueries>[0]['columnOf']> {
  const quoted = (name: string): string => em.getPlatform().quoteIdentifier(name);
  const table = (schema: Schema): string => quoted(schema ? `${schema}.${meta.tableName}` : meta.tableName);
  const keys = Object.fromEntries(key.map(name => [name, quoted(name)]));
  const [first] = schemas;
  if (schemas.length === 1 && (!first || !isInAnySchema(meta)))
    return { table: table(first), column: quoted(file), key: keys };
  const columns = [file, ...key].map(quoted).join();
  const parts = schemas.map(
    schema =>
      `SELECT ${columns}, ${schema ? em.getPlatform().quoteValue(schema) : `''`} AS ${quoted(SCHEMA)} FROM ${table(schema)}`,
  );
  return {
    table: `(${parts.join(' UNION ALL ')}) AS found`,
    column: quoted(file),
    key: { ...keys, [SCHEMA]: quoted(SCHEMA) },
  };
}
