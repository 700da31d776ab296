import type { Args, Models } from './client.ts';

/** A row that a call writes, as its arguments have it. */
export interface WrittenRow {
  readonly model: string;
  readonly data: Args;
  /** Whether the row is a new one, if it is written. */
  readonly created: boolean;
  /** By a relation of the call's own row: surely a new one, or one that perhaps was there before. */
  readonly nested?: 'created' | 'perhaps' | undefined;
}

/** The rows that `data` of a call writes, those of nested writes among them. */
export function* writtenRows(
  models: Models,
  { model, data, created, nested }: WrittenRow,
): Generator<WrittenRow, void, undefined> {
  yield { model, data, created, nested };
  for (const { name, kind, type } of models[model]?.fields ?? []) {
    const operations = kind === 'object' ? data[name] : undefined;
    if (isObject(operations))
      for (const [operation, given] of Object.entries(operations))
        for (const inner of nestedRows(type, operation, given)) yield* writtenRows(models, inner);
  }
}

/** Whether writing `data` may take several statements, so that one can fail when another has written. */
export function writesSeveral(models: Models, model: string, data: unknown): boolean {
  const rows = [data].flat().filter(isObject);
  const relations = (models[model]?.fields ?? []).filter(({ kind }) => kind === 'object');
  return rows.length > 1 || rows.some(row => relations.some(({ name }) => row[name] !== undefined));
}

function nestedRows(model: string, operation: string, given: unknown): WrittenRow[] {
  return [given].flat().flatMap(item => {
    if (!isObject(item)) return [];
    const { create, update, data, skipDuplicates } = item;
    const surely = operation === 'create' || (operation === 'createMany' && !skipDuplicates);
    const news =
      operation === 'create'
        ? [item]
        : operation === 'createMany'
          ? [data].flat()
          : operation === 'connectOrCreate' || operation === 'upsert'
            ? [create]
            : [];
    const olds =
      operation === 'upsert'
        ? [update]
        : operation === 'update' || operation === 'updateMany'
          ? [data ?? item]
          : [];
    const rows = (found: readonly unknown[], created: boolean): WrittenRow[] =>
      found
        .filter(isObject)
        .map(row => ({ model, data: row, created, nested: surely ? 'created' : 'perhaps' }));
    return [...rows(news, true), ...rows(olds, false)];
  });
}

/** A plain object, and no value of a class. */
export function isObject(value: unknown): value is Args {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
