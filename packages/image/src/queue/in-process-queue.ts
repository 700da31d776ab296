import { FieldFileError } from '@fieldfile/core';
import type { JobMoment } from '@fieldfile/core/derived';
import { reported } from '@fieldfile/storage/internal';
import { buildVariants, type VariantWork } from './build-variants.ts';
import type { VariantJob, VariantQueue } from './variant-queue.ts';

export interface InProcessQueueOptions {
  /** Jobs at a time. Default: 1. */
  readonly concurrency?: number;
}

/**
 * Builds variants in this process, right after the commits: so many images at a time, the others wait. What fails is
 * reported to `onError`. Jobs of a process that dies are lost, and their variants are built when somebody asks.
 *
 * @example
 * ```ts
 * import { defineFiles, model } from '@fieldfile/core';
 * import { imageField } from '@fieldfile/image';
 * import { childProcessor, ImageVariants, InProcessQueue } from '@fieldfile/image/node';
 * import { MemoryTable } from '@fieldfile/memory/table';
 *
 * interface User {
 *   id: number;
 *   avatar: string | null;
 * }
 * const table = new MemoryTable<User>({ key: ['id'], files: ['avatar'] });
 * const queue = new InProcessQueue({ concurrency: 2 });
 * const users = defineFiles(
 *   model<User>()('user', 'id'),
 *   { avatar: imageField({ variants: { thumb: { width: 200, format: 'webp' } }, queue }) },
 *   table.binding,
 * );
 * queue.work({ variants: new ImageVariants({ processor: childProcessor() }), fields: [users.avatar] });
 * // At the end: await queue.close();
 * ```
 */
export class InProcessQueue implements VariantQueue, AsyncDisposable {
  readonly #concurrency: number;
  readonly #waiting: VariantJob[] = [];
  readonly #running = new Set<Promise<void>>();
  #work: VariantWork | undefined;
  #closed = false;

  /** @throws `invalid-argument`. */
  constructor({ concurrency = 1 }: InProcessQueueOptions = {}) {
    if (!(Number.isSafeInteger(concurrency) && concurrency > 0))
      throw new FieldFileError('invalid-argument', 'concurrency must be a whole number above 0.', {
        operation: 'InProcessQueue',
      });
    this.#concurrency = concurrency;
  }

  enqueue(job: VariantJob, { afterCommit }: JobMoment): void {
    afterCommit(() => {
      if (this.#closed) throw notBuilt(job);
      this.#waiting.push(job);
      this.#next();
    });
  }

  /** From now on jobs are done. Those that were handed on before have waited. */
  work(work: VariantWork): void {
    this.#work = work;
    this.#next();
  }

  /** Waits until nothing is to be done. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Takes no more jobs, and does those that it has. What cannot be done, since `work` was never called, is reported. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.idle();
    for (const job of this.#waiting.splice(0))
      await reported(async () => {
        throw notBuilt(job);
      });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #next(): void {
    const work = this.#work;
    while (work && this.#running.size < this.#concurrency) {
      const job = this.#waiting.shift();
      if (!job) return;
      const running = reported(async () => void (await buildVariants(job, work))).then(() => {
        this.#running.delete(running);
        this.#next();
      });
      this.#running.add(running);
    }
  }
}

const notBuilt = ({ model, field, name }: VariantJob): FieldFileError =>
  new FieldFileError(
    'aborted',
    `The queue is closed: variants of ${JSON.stringify(name)} (${model}.${field}) are built when somebody asks for them.`,
    { operation: 'enqueue', ...(name === null ? {} : { name }), field: `${model}.${field}` },
  );
