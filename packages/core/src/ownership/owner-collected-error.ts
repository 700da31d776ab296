import { FieldFileError } from '@fieldfile/storage';
import type { RowKey } from '../field/row-key.ts';

/**
 * Writing through a handle whose row was collected, where nothing can update that row. Thrown before a byte is
 * written or deleted.
 */
export class OwnerCollectedError extends FieldFileError {
  override readonly name = 'OwnerCollectedError';
  readonly model: string;
  readonly key: RowKey | undefined;

  constructor(operation: string, model: string, field: string, key: RowKey | undefined, hasBinding: boolean) {
    const row = key ? `${model} ${describeKey(key)}` : `The ${model} row`;
    const fix = hasBinding
      ? 'the row was never inserted, so it has no key to update: keep a reference to it'
      : 'keep a reference to the row, or give defineFiles a binding so that the row can be updated by its key';
    super(
      'owner-collected',
      `${row} was collected before ${field}.${operation}(): ${fix}. Nothing was written.`,
      {
        operation,
        field: `${model}.${field}`,
      },
    );
    this.model = model;
    this.key = key;
  }
}

const describeKey = (key: RowKey): string =>
  Object.entries(key)
    .map(([column, value]) => `${column}=${String(value)}`)
    .join(' ');
