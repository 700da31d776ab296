import { type CallOptions, FieldFileError } from '@fieldfile/storage';
import { columnsOfBytes } from '../field/field-options.ts';
import type { Handle } from '../field/handle.ts';
import type { ReferringField } from '../journal/journal.ts';

/**
 * Refuses to replace an object that another row names, too, where columns tell of its bytes: only one row's columns could
 * follow. Whoever names it later begins with columns that tell nothing.
 *
 * @throws `conflict`.
 */
export async function requireUnshared({ field }: Handle, name: string, options: CallOptions): Promise<void> {
  const { model, storage } = field;
  const { binding } = model;
  const isDescribed = tells(field);
  const isShared = isDescribed && (await binding?.isShared?.(field.name, name, options));
  if (isShared || (await isNamedBeside())) throw shared();

  /** By another field of the model: other models may be other classes of the same rows. */
  async function isNamedBeside(): Promise<boolean> {
    for (const other of binding?.journal?.fields ?? []) {
      if (other.label === field.label || !other.label.startsWith(`${model.name}.`)) continue;
      if (!isDescribed && !tells(other)) continue;
      if (other.storage.id === storage.id && (await other.isReferenced(name, options))) return true;
    }
    return false;
  }

  function shared(): FieldFileError {
    return new FieldFileError(
      'conflict',
      `The object ${JSON.stringify(name)} of ${field.label} is another row's, too, whose columns would tell of other bytes: ` +
        'nothing was written. Use save, which stores another object.',
      { operation: 'replace', storage: storage.id, name, field: field.label },
    );
  }
}

const tells = ({ columns }: Pick<ReferringField, 'columns'>): boolean =>
  columns !== undefined && columnsOfBytes(columns).length > 0;
