import { FieldFileError } from '@fieldfile/core';
import { pickKey } from '@fieldfile/core/binding';
import {
  type DataSource,
  type EntityMetadata,
  type EntityTarget,
  type FindOptionsWhere,
  In,
  type ObjectLiteral,
  type RelationMetadata,
} from 'typeorm';
import type { EntityAccessor, EntityField } from './accessor.ts';

export type Target = EntityTarget<ObjectLiteral>;

/** Rows of an entity: all of them where the condition is empty. */
export interface Selected {
  readonly target: Target;
  readonly where: FindOptionsWhere<ObjectLiteral> | FindOptionsWhere<ObjectLiteral>[];
}

/** Which entities have files. */
export class Registry {
  readonly dataSource: DataSource;
  readonly accessors: EntityAccessor[] = [];

  constructor(dataSource: DataSource) {
    this.dataSource = dataSource;
  }

  /** Of a row, whose class may inherit them. */
  ofRow(row: object): readonly EntityAccessor[] {
    return this.accessors.filter(({ entity }) => row instanceof entity);
  }

  ofTarget(target: Target): readonly EntityAccessor[] {
    const { target: own } = this.dataSource.getMetadata(target);
    if (typeof own !== 'function') return [];
    return this.accessors.filter(({ entity }) => own === entity || own.prototype instanceof entity);
  }

  fieldsOf(target: Target): readonly EntityField[] {
    return this.ofTarget(target).map(({ field }) => field);
  }

  /** The entities among these, and those they cascade to. */
  rowsOf(values: unknown, cascades = (_: RelationMetadata): boolean => false): readonly object[] {
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

  /** Rows that a criterion of `update` or `delete` says, which may be ids. */
  selected(target: Target, criteria: unknown): Selected {
    const { name, primaryColumns } = this.dataSource.getMetadata(target);
    const all = Array.isArray(criteria) ? criteria : [criteria];
    if (all.some(one => typeof one !== 'object' || one instanceof Date))
      return { target, where: { [primaryColumns[0]?.propertyName ?? 'id']: In(all) } };
    if (all.length > 0 && all.every(one => Object.keys(one).length > 0)) return { target, where: all };
    throw new FieldFileError('invalid-argument', `An empty criterion would be all rows of ${name}.`, {
      operation: 'update',
    });
  }

  /** The row of that key; none where it has no key yet. */
  byKey(row: object): Selected[] {
    const target = row.constructor;
    const where = pickKey(row, keyColumns(this.dataSource.getMetadata(target)));
    return where ? [{ target, where }] : [];
  }
}

/** Properties of the primary key. */
export const keyColumns = ({ primaryColumns }: EntityMetadata): string[] =>
  primaryColumns.map(({ propertyName }) => propertyName);
