import { type CallOptions, isFieldFileError, type Storage } from '@fieldfile/storage';
import { shared } from '../ownership/registry.ts';
import type { FileColumns } from './field-options.ts';

/** The fields of all models, in the order they were declared. */
const fields = shared('fields', () => new Set<WeakRef<ReferringField>>());

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
  /** Where objects are that are made of its objects, where there are any. */
  readonly derived?: { readonly storage: Storage } | undefined;
  readonly model: { readonly binding: AskedRows | undefined };
}

/** The part of a `Binding` that is asked. */
export interface AskedRows {
  isReferenced(fields: readonly string[], name: string, options: CallOptions): Promise<boolean>;
  isAnyReferenced?(
    fields: readonly string[],
    names: readonly string[],
    options: CallOptions,
  ): Promise<boolean>;
}

/** Weakly: a model that was loaded again must not be asked for ever, on a pool that has ended. */
export function declareField(field: ReferringField): void {
  fields.add(new WeakRef(field));
}

/** Every field of this process that is still in use, in the order they were declared. */
export function declaredFields(): ReferringField[] {
  const alive: ReferringField[] = [];
  for (const ref of fields) {
    const field = ref.deref();
    if (field) alive.push(field);
    else fields.delete(ref);
  }
  return alive;
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
