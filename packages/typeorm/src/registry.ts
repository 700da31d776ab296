import { FieldFileError } from '@fieldfile/core';
import {
  type DataSource,
  type EntityMetadata,
  type EntityTarget,
  type FindOptionsWhere,
  In,
  type ObjectLiteral,
  type RelationMetadata,
} from 'typeorm';
import type { EntityAccessor } from './accessor.ts';

export type Target = EntityTarget<ObjectLiteral>;

/** Which entities have files. */
export class Registry {
  readonly dataSource: DataSource;
  readonly #accessors: EntityAccessor[] = [];

  constructor(dataSource: DataSource) {
    this.dataSource = dataSource;
  }

  add(accessor: EntityAccessor): void {
    this.#accessors.push(accessor);
  }

  /** Of a row, whose class may inherit them. */
  ofRow(row: object): readonly EntityAccessor[] {
    return this.#accessors.filter(({ entity }) => row instanceof entity);
  }

  ofTarget(target: Target): readonly EntityAccessor[] {
    const { target: own } = this.dataSource.getMetadata(target);
    if (typeof own !== 'function') return [];
    return this.#accessors.filter(({ entity }) => own === entity || own.prototype instanceof entity);
  }

  /** The entities among these, and those they cascade to. */
  rowsOf(values: unknown, cascades: (relation: RelationMetadata) => boolean): readonly object[] {
    const rows = new Set<object>();
    const visit = (value: unknown): void => {
      if (Array.isArray(value)) for (const member of value) visit(member);
      if (typeof value !== 'object' || value === null || rows.has(value)) return;
      if (!this.dataSource.hasMetadata(value.constructor)) return;
      rows.add(value);
      for (const relation of this.dataSource.getMetadata(value.constructor).relations)
        if (cascades(relation)) visit(relation.getEntityValue(value));
    };
    visit(values);
    return [...rows].filter(row => this.ofRow(row).length > 0);
  }
}

/** A criterion of `update` and `delete`, which may be ids, as `find` takes it. */
export function whereOf(metadata: EntityMetadata, criteria: unknown): FindOptionsWhere<ObjectLiteral>[] {
  const all = Array.isArray(criteria) ? criteria : [criteria];
  if (all.some(one => typeof one !== 'object' || one instanceof Date)) {
    const [primary] = metadata.primaryColumns;
    return [{ [primary?.propertyName ?? 'id']: In(all) }];
  }
  if (all.length > 0 && all.every(one => Object.keys(one).length > 0)) return all;
  throw new FieldFileError('invalid-argument', `An empty criterion would be all rows of ${metadata.name}.`, {
    operation: 'update',
  });
}
