export {
  PgBossQueue,
  type PgBossQueueOptions,
  type PgBossWorkOptions,
} from './queue/pg-boss-queue.ts';
