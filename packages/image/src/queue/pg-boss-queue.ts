import { isFieldFileError } from '@fieldfile/core';
import type { JobMoment } from '@fieldfile/core/derived';
import type { SqlExecutor, SqlValue } from '@fieldfile/core/journal';
import { reported } from '@fieldfile/storage/internal';
import type { PgBoss, QueueOptions, SendOptions, WorkOptions } from 'pg-boss';
import { buildVariants, type VariantWork } from './build-variants.ts';
import type { VariantJob, VariantQueue } from './variant-queue.ts';

export interface PgBossQueueOptions {
  /** Of the queue, in pg-boss. Default: `'fieldfile-variants'`. */
  readonly name?: string;
  /**
   * How pg-boss treats its jobs, as it is created. Default: five more tries with growing pauses, and a worker that has shown no
   * life for 60 s is dead.
   */
  readonly queue?: QueueOptions;
}

export interface PgBossWorkOptions {
  /** Jobs at a time. Default: 1. */
  readonly concurrency?: number;
  /** How often it is looked for jobs. Default: 2. */
  readonly pollingIntervalSeconds?: number;
}

type Database = NonNullable<SendOptions['db']>;

const QUEUE: QueueOptions = { retryLimit: 5, retryDelay: 1, retryBackoff: true, heartbeatSeconds: 60 };

/**
 * Keeps jobs in the PostgreSQL that the rows are in, with pg-boss 12: a job is written by the transaction that writes the row,
 * so that neither is there without the other. Workers are other processes, or the same one.
 *
 * @example
 * ```ts
 * import { imageField } from '@fieldfile/image';
 * import { childProcessor, ImageVariants } from '@fieldfile/image/node';
 * import { PgBossQueue } from '@fieldfile/image/pg-boss';
 * import { KyselyFiles } from '@fieldfile/kysely';
 * import { type Generated, Kysely, PostgresDialect } from 'kysely';
 * import { Pool } from 'pg';
 * import { PgBoss } from 'pg-boss';
 *
 * interface Database {
 *   users: { id: Generated<number>; avatar: string | null };
 * }
 * const connectionString = 'postgresql://localhost/app';
 * const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: new Pool({ connectionString }) }) });
 * const boss = await new PgBoss(connectionString).start();
 * const queue = new PgBossQueue(boss);
 * const users = new KyselyFiles(db).define('users', {
 *   key: ['id'],
 *   fields: { avatar: imageField({ variants: { thumb: { width: 200, format: 'webp' } }, queue }) },
 * });
 *
 * // In a worker:
 * const variants = new ImageVariants({ processor: childProcessor() });
 * await queue.work({ variants, fields: [users.fields.avatar] });
 * ```
 */
export class PgBossQueue implements VariantQueue {
  readonly #boss: PgBoss;
  readonly #name: string;
  readonly #options: QueueOptions;
  #created: Promise<void> | undefined;

  /** @param boss started. Its schema is in the rows' database. */
  constructor(boss: PgBoss, { name = 'fieldfile-variants', queue = {} }: PgBossQueueOptions = {}) {
    this.#boss = boss;
    this.#name = name;
    this.#options = { ...QUEUE, ...queue };
  }

  async enqueue(job: VariantJob, { execute, afterCommit }: JobMoment): Promise<void> {
    await this.#create();
    const send = async (db?: Database): Promise<void> => {
      await this.#boss.send(this.#name, job, db ? { db } : {});
    };
    if (execute) await send(inTransaction(execute));
    else afterCommit(() => send());
  }

  /**
   * Does jobs, until `boss.stop()` or what it returns is called. A job that fails is tried again, by whichever worker; one
   * whose image cannot be decoded is not.
   */
  async work(work: VariantWork, options: PgBossWorkOptions = {}): Promise<() => Promise<void>> {
    await this.#create();
    const { concurrency = 1, pollingIntervalSeconds = 2 } = options;
    const polling: WorkOptions = { batchSize: 1, localConcurrency: concurrency, pollingIntervalSeconds };
    const id = await this.#boss.work<VariantJob>(this.#name, polling, async jobs => {
      for (const { data } of jobs) await built(data, work);
    });
    return () => this.#boss.offWork(this.#name, { id });
  }

  /** Once; after a failure again with the next job. */
  #create(): Promise<void> {
    this.#created ??= this.#boss.createQueue(this.#name, this.#options).catch(error => {
      this.#created = undefined;
      throw error;
    });
    return this.#created;
  }
}

/** What is wrong with the image itself is wrong the next time, too: it is reported once. */
async function built(job: VariantJob, work: VariantWork): Promise<void> {
  try {
    await buildVariants(job, work);
  } catch (error) {
    if (!isFieldFileError(error, 'not-accepted', 'too-large')) throw error;
    await reported(async () => {
      throw error;
    });
  }
}

/** The row's transaction, as pg-boss asks for a database. */
const inTransaction = (execute: SqlExecutor): Database => ({
  async executeSql(text, values = []) {
    const { rows } = await execute(text, values as SqlValue[]);
    return { rows: [...rows] };
  },
});
