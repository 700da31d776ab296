import type { AnyFileField, StagedFile } from '@fieldfile/core';
import { FieldFileError } from '@fieldfile/storage';

/** What a form's field is: a file of a field of core, or a text. In a list, there may be several of them. */
export type FormField = AnyFileField | 'text' | readonly [AnyFileField] | readonly ['text'];

/** A form's fields by their names in the form. */
export type FormFields = Readonly<Record<string, FormField>>;

/** What came of a field. */
export type FormValue<Field extends FormField> = Field extends 'text'
  ? string | undefined
  : Field extends readonly ['text']
    ? readonly string[]
    : Field extends readonly unknown[]
      ? readonly StagedFile[]
      : StagedFile | undefined;

/** One field as it is declared. */
export interface DeclaredFormField {
  readonly isList: boolean;
  /** Undefined: it is a text. */
  readonly file: AnyFileField | undefined;
}

/** By their names. @throws `invalid-argument` for what is no field. */
export function declaredFields(fields: FormFields): ReadonlyMap<string, DeclaredFormField> {
  return new Map(Object.entries(fields).map(([name, field]) => [name, declared(name, field)]));
}

function declared(name: string, field: unknown): DeclaredFormField {
  const isList = Array.isArray(field);
  const one: unknown = isList && field.length === 1 ? field[0] : field;
  if (one === 'text') return { isList, file: undefined };
  if (isFileField(one)) return { isList, file: one };
  throw new FieldFileError(
    'invalid-argument',
    `The form's field ${JSON.stringify(name)} must be a field of defineFiles, 'text', or a list with one of them.`,
    { operation: 'construct' },
  );
}

const isFileField = (value: unknown): value is AnyFileField =>
  typeof value === 'object' && value !== null && 'stage' in value && typeof value.stage === 'function';
