import { FieldFileError } from '@fieldfile/storage';

/** A class field of that name hides the accessor. */
export function shadowedField(model: string, name: string): FieldFileError {
  return new FieldFileError(
    'shadowed-field',
    `A class field ${model}.${name} hides the file's accessor: write \`declare ${name}: FieldFile\` (no field is emitted), ` +
      `or write the accessor out: \`get ${name}() { return files.${name}.of(this); }\`.`,
    { operation: 'defineFiles', field: `${model}.${name}` },
  );
}
