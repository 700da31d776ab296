import { FieldFileError } from '@fieldfile/storage';

/** A row of that model was changed by somebody else. */
export const rowConflict = (model: string): FieldFileError =>
  new FieldFileError(
    'conflict',
    `The row of ${model} is gone or has another file than this row object knew: nothing was written. Load it again.`,
    { operation: 'update' },
  );
