import { type AnyFileField, FieldFileError, isFieldFileError } from '@fieldfile/core';
import { deriving } from '@fieldfile/core/derived';
import type { ImageVariants } from '../variants/image-variants.ts';
import type { VariantJob } from './variant-queue.ts';

/** What is needed to do jobs. */
export interface VariantWork {
  readonly variants: ImageVariants;
  /** The fields whose jobs are in the queue. */
  readonly fields: readonly AnyFileField[];
}

/**
 * Does a job: builds every declared variant of a row's file that is not there. Doing it twice, or twice at a time, does no
 * harm.
 *
 * @returns false, and nothing is built, where no row has that file any more.
 * @throws `invalid-argument` for a job of no field that is given; what a build throws: `not-accepted` for what cannot be
 * decoded, which another try does not change.
 *
 * @example
 * ```ts
 * import type { VariantJob } from '@fieldfile/image';
 * import { buildVariants, type VariantWork } from '@fieldfile/image/node';
 *
 * declare const work: VariantWork; // { variants, fields: [users.avatar] }
 * export const onMessage = (message: string) => buildVariants(JSON.parse(message) as VariantJob, work);
 * ```
 */
export async function buildVariants(job: VariantJob, { variants, fields }: VariantWork): Promise<boolean> {
  const field = fields.find(({ label }) => label === `${job.model}.${job.field}`);
  if (!field)
    throw new FieldFileError(
      'invalid-argument',
      `The job is of ${job.model}.${job.field}, which is none of the queue's fields: ${fields.map(({ label }) => label).join(', ')}.`,
      { operation: 'buildVariants' },
    );
  const file = field.revive(job).stored;
  if (!file) return false;
  const of = deriving(file);
  if (!(await of.isCurrent())) return false;
  try {
    await variants.buildAll(file);
    return true;
  } catch (error) {
    if (isFieldFileError(error, 'conflict', 'not-found') && !(await of.isCurrent())) return false;
    throw error;
  }
}
