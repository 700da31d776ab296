import { FieldFileError } from '@fieldfile/storage';
import type { Journal } from '../journal/journal.ts';

/**
 * A journal commits its entries while the transactions that store files are open. On their own pool, as many of these as
 * there are connections would wait for ever.
 *
 * @param database the object that the binding was given; `samePool` tells where it is another one on the same pool.
 * @throws `invalid-argument`.
 */
export function refuseOwnPool(
  journal: Journal | undefined,
  database: object,
  samePool: (other: object) => boolean = () => false,
): void {
  const own = journal?.database;
  if (!own || !(own === database || samePool(own))) return;
  throw new FieldFileError(
    'invalid-argument',
    'The journal runs on the pool of the rows: transactions that store files would wait for a connection that they hold ' +
      'themselves. Give it one of its own, of which one connection is enough: `execute: sqlExecutor(db2)` with a second ' +
      'database object on a pool of 1.',
    { operation: 'journal' },
  );
}
