import { FieldFileError } from '@fieldfile/storage';

/** What late work gets instead of a statement. */
export const transactionEnded = (): FieldFileError =>
  new FieldFileError(
    'transaction-ended',
    'This work belongs to a transaction that has ended: nothing of it was written, and what it stored is taken back. Await ' +
      'all that a transaction begins (of a Promise.all that fails, the other parts go on), and begin with outside() what is ' +
      'to outlive it.',
    { operation: 'transaction', applied: false },
  );
