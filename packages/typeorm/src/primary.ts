import type { EntityManager } from 'typeorm';

/** Reads where rows are written: a replica, or a query cache, may have them as they were. Give `cache: false` as well. */
export async function onPrimary<T>(
  manager: EntityManager,
  read: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  if (manager.queryRunner) return read(manager);
  const runner = manager.dataSource.createQueryRunner('master');
  try {
    return await read(runner.manager);
  } finally {
    await runner.release();
  }
}
