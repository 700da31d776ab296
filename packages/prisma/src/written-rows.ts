import type { Args, SchemaModel } from './client.ts';

/** A row that a call writes, as its arguments have it. */
export interface WrittenRow {
  readonly model: string;
  readonly data: Args;
  /** The relation's operation that writes it; undefined for the call's own rows. */
  readonly nested?: string | undefined;
}

/** The rows that `data` of a call writes, those of nested writes among them. */
export function* writtenRows(
  models: Readonly<Record<string, SchemaModel>>,
  model: string,
  data: Args,
  nested?: string,
): Generator<WrittenRow, void, undefined> {
  yield { model, data, nested };
  for (const { name, kind, type } of models[model]?.fields ?? []) {
    if (kind !== 'object' || !isObject(data[name])) continue;
    for (const [operation, given] of Object.entries(data[name]))
      for (const item of [given].flat().filter(isObject))
        for (const [inner, how] of nestedData(operation, item)) yield* writtenRows(models, type, inner, how);
  }
}

/** What an operation on a relation writes, and whether that creates or updates a row. */
function nestedData(operation: string, item: Args): readonly (readonly [Args, string])[] {
  const { create, update, data } = item;
  const found: readonly (readonly [unknown, string])[] =
    operation === 'create'
      ? [[item, 'create']]
      : operation === 'createMany'
        ? [data].flat().map(row => [row, 'create'] as const)
        : operation === 'connectOrCreate'
          ? [[create, 'create']]
          : operation === 'upsert'
            ? [
                [create, 'create'],
                [update, 'update'],
              ]
            : operation === 'update' || operation === 'updateMany'
              ? [[isObject(data) ? data : item, 'update']]
              : [];
  return found.filter((entry): entry is readonly [Args, string] => isObject(entry[0]));
}

export const isObject = (value: unknown): value is Args =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
