import { FieldFileError } from '@fieldfile/core';
import {
  type DataSource,
  type EntityTarget,
  type FindOptionsWhere,
  In,
  type ObjectLiteral,
  type RelationMetadata,
} from 'typeorm';
import type { EntityAccessor, EntityField } from './accessor.ts';
import { keyOf, nested } from './keys.ts';

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
    return this.accessors.filter(accessor => accessor.isOf(Object.getPrototypeOf(row)));
  }

  /** Of an entity, and of those that share its table and may be among its rows. */
  ofTarget(target: Target): readonly EntityAccessor[] {
    const { target: own, inheritancePattern, childEntityMetadatas } = this.dataSource.getMetadata(target);
    const children = inheritancePattern === 'STI' ? childEntityMetadatas.map(child => child.target) : [];
    const classes = [own, ...children].filter(one => typeof one === 'function');
    return this.accessors.filter(accessor => classes.some(({ prototype }) => accessor.isOf(prototype)));
  }

  fieldsOf(row: object): readonly EntityField[] {
    return this.ofRow(row).map(({ field }) => field);
  }

  /** The entities among these, and those they cascade to. What lazy relations were given is awaited, as TypeORM does. */
  async rowsOf(
    values: unknown,
    cascades = (_: RelationMetadata): boolean => false,
  ): Promise<readonly object[]> {
    const rows = new Set<object>();
    const visit = async (value: unknown): Promise<void> => {
      if (Array.isArray(value)) for (const member of value) await visit(member);
      if (typeof value !== 'object' || value === null || rows.has(value)) return;
      if (!this.dataSource.hasMetadata(value.constructor)) return;
      rows.add(value);
      for (const relation of this.dataSource.getMetadata(value.constructor).relations) {
        if (!cascades(relation)) continue;
        if (relation.isLazy) await Reflect.get(value, `__promise_${relation.propertyName}__`);
        await visit(relation.getEntityValue(value));
      }
    };
    await visit(values);
    return [...rows].filter(row => this.ofRow(row).length > 0);
  }

  /** Rows that a criterion of `update` or `delete` says, which may be ids. */
  selected(target: Target, criteria: unknown): Selected {
    const { name, primaryColumns } = this.dataSource.getMetadata(target);
    const all = Array.isArray(criteria) ? criteria : [criteria];
    if (all.some(one => typeof one !== 'object' || one instanceof Date))
      return { target, where: nested({ [primaryColumns[0]?.propertyPath ?? 'id']: In(all) }) };
    if (all.length > 0 && all.every(one => Object.keys(one).length > 0)) return { target, where: all };
    throw new FieldFileError('invalid-argument', `An empty criterion would be all rows of ${name}.`, {
      operation: 'update',
    });
  }

  /** Whether two objects stand for one row. */
  isSame(one: object, other: object): boolean {
    const target = one.constructor;
    return target === other.constructor && this.dataSource.getMetadata(target).compareEntities(one, other);
  }

  /** The row of that key; none where it has no key yet. */
  byKey(row: object): Selected[] {
    const key = keyOf(this.dataSource, row);
    return key ? [{ target: row.constructor, where: nested(key) }] : [];
  }
}
