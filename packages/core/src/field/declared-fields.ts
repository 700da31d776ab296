import { isFieldFileError, type Storage } from '@fieldfile/storage';
import type { Binding } from '../binding/binding.ts';
import { shared } from '../ownership/registry.ts';
import type { FileColumns } from './field-options.ts';

/** A field whose rows may name objects: asked before anything is removed. */
export interface ReferringField {
  readonly name: string;
  /** `model.field`. */
  readonly label: string;
  readonly storage: Storage;
  /** Columns beside the name, where there are any. */
  readonly columns?: FileColumns<Record<string, unknown>>;
  /** The object that rows without a file of their own have. */
  readonly default: string | undefined;
  readonly model: {
    readonly binding: Pick<Binding<object>, 'isReferenced' | 'isAnyReferenced'> | undefined;
  };
}

/** Weakly: a model that was loaded again must not be asked for ever, on a pool that has ended. */
export function declareField(field: ReferringField): void {
  shared.fields.add(new WeakRef(field));
}

/** Every field of this process that is still in use, in the order they were declared. */
export function declaredFields(): ReferringField[] {
  const fields: ReferringField[] = [];
  for (const ref of shared.fields) {
    const field = ref.deref();
    if (field) fields.push(field);
    else shared.fields.delete(ref);
  }
  return fields;
}

/** The field's storage. Undefined: a process may know models whose storage it does not use, and has no alias for. */
export function storageIfKnown(field: ReferringField): Storage | undefined {
  try {
    return field.storage;
  } catch (error) {
    if (isFieldFileError(error, 'unknown-storage')) return undefined;
    throw error;
  }
}
