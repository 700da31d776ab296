import { type FieldFile, FieldFileError } from '@fieldfile/core';
import { isUnwritten } from '@fieldfile/core/binding';
import { type EntityProperty, type Platform, type TransformContext, Type, wrap } from '@mikro-orm/core';

export interface FileColumnOptions {
  /** Longest name in characters. Default: 100. */
  readonly length?: number;
  /** False: `NOT NULL`, for a field whose `empty` is `''`. Default: true. */
  readonly nullable?: boolean;
  /** Default: as MikroORM's naming strategy has it. */
  readonly fieldName?: string;
}

/** What MikroORM needs to know of a property that holds a file: a text behind an accessor. */
export interface FileColumn extends FileColumnOptions {
  readonly type: typeof FileType;
  readonly accessor: true;
  readonly nullable: boolean;
}

/**
 * The property of an entity's file: `image: fileColumn({ length: 60 })` in `properties`, or `@Property(fileColumn())` on
 * `declare image: FieldFile<Photo>`.
 */
export function fileColumn(options: FileColumnOptions = {}): FileColumn {
  return { nullable: true, ...options, type: FileType, accessor: true };
}

/** Column ↔ attribute. It holds nothing: MikroORM copies types deeply, and a storage with them. */
export class FileType extends Type<FieldFile | string | null, string | object | null> {
  override convertToDatabaseValue(
    value: FieldFile | string | null,
    _platform: Platform,
    context?: TransformContext,
  ): string | object | null {
    if (value === null || value === undefined || typeof value === 'string') return value;
    if (context?.mode === 'serialization') return snapshot(value);
    if (context?.mode === 'query' && !isUnwritten(value)) return value.name;
    throw new FieldFileError('unsupported', NOT_SEEN, { operation: 'query' });
  }

  override toJSON(value: FieldFile | string | null): string | null {
    return typeof value === 'object' && value ? value.toJSON() : value;
  }

  override ensureComparable(): boolean {
    return false;
  }

  override compareAsType(): string {
    return 'string';
  }

  override get runtimeType(): string {
    return 'FieldFile';
  }

  override getColumnType(property: EntityProperty, platform: Platform): string {
    return platform.getVarcharTypeDeclarationSQL(property);
  }

  override getDefaultLength(): number {
    return 100;
  }
}

/**
 * What change detection compares: the column as MikroORM last saw it, unless there is a file to write. So a flush never
 * writes a name that something else may have replaced meanwhile.
 */
function snapshot(file: FieldFile): string | object | null {
  if (isUnwritten(file)) return UNWRITTEN;
  const { owner } = file;
  const known = owner && (wrap(owner, true).__originalEntityData as Record<string, string> | undefined);
  return known?.[file.reference().field] ?? null;
}

const NOT_SEEN =
  'em.insert, em.upsert, native queries and query builders store no files: persist the entity and flush.';

/** Stands for a file that is not stored yet, and is replaced by its name before the row is written. No SQL can have it. */
export const UNWRITTEN: object = new (class Unwritten {
  toString(): never {
    throw new FieldFileError('unsupported', NOT_SEEN, { operation: 'query' });
  }
})();
