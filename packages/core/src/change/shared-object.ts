import { type CallOptions, FieldFileError } from '@fieldfile/storage';
import { declaredFields, type ReferringField, storageIfKnown } from '../field/declared-fields.ts';
import { columnsOfBytes } from '../field/field-options.ts';
import type { FileState } from '../field/file-state.ts';

/**
 * Refuses to replace an object that another row names, too, where columns tell of its bytes: only one row's columns could
 * follow. Whoever names it later begins with columns that tell nothing.
 *
 * @throws `conflict`.
 */
export async function requireUnshared(
  { field }: FileState,
  name: string,
  options: CallOptions,
): Promise<void> {
  const { binding } = field.model;
  const { storage } = field;
  const isDescribed = tells(field);
  const isShared = isDescribed && (await binding?.isShared?.(field.name, name, options));
  // Other fields of the model only: other models may be other classes of the same rows.
  const beside = declaredFields().filter(
    other =>
      other.model.binding === binding &&
      other.name !== field.name &&
      (isDescribed || tells(other)) &&
      storageIfKnown(other)?.id === storage.id,
  );
  const names = beside.map(other => other.name);
  if (isShared || (names.length > 0 && (await binding?.isReferenced(names, name, options))))
    throw new FieldFileError(
      'conflict',
      `The object ${JSON.stringify(name)} of ${field.label} is another row's, too, whose columns would tell of other bytes: ` +
        'nothing was written. Use save, which stores another object.',
      { operation: 'replace', storage: storage.id, name, field: field.label },
    );
}

const tells = ({ columns }: Pick<ReferringField, 'columns'>): boolean =>
  columns !== undefined && columnsOfBytes(columns).length > 0;
