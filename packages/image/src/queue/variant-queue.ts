import type { FileReference } from '@fieldfile/core';
import type { EnqueueDerived, JobMoment } from '@fieldfile/core/derived';

/** A row's file whose variants are to be built: plain data, also as JSON. */
export type VariantJob = FileReference;

/**
 * Where jobs wait: one for each file that a row gets. A queue of your own does what `enqueue` says, and its worker calls
 * `buildVariants` for each job.
 *
 * @example
 * ```ts
 * import type { VariantQueue } from '@fieldfile/image';
 *
 * declare const redis: { push(job: string): Promise<void> };
 * export const queue: VariantQueue = {
 *   enqueue: (job, { afterCommit }) => afterCommit(() => redis.push(JSON.stringify(job))),
 * };
 * ```
 */
export interface VariantQueue {
  /**
   * Called in the transaction in which a row gets its file. A job may be written there by `execute`, or be sent in
   * `afterCommit`. What it throws rolls the transaction back.
   */
  enqueue(job: VariantJob, moment: JobMoment): void | Promise<void>;
}

/** What core calls. */
export const enqueueTo =
  (queue: VariantQueue): EnqueueDerived =>
  (job, moment) =>
    queue.enqueue(job, moment);
