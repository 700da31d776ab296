import type { Pool } from 'mysql2/promise';

const IDS = Array.from({ length: 200 }, (_, index) => `(${index + 1}, 0)`);

/** The statements that make the table on which transactions wait for each other. */
export const deadlockTable: readonly string[] = [
  'CREATE TABLE IF NOT EXISTS busy (id integer PRIMARY KEY, times integer NOT NULL) ENGINE = InnoDB',
  `INSERT IGNORE INTO busy VALUES ${IDS}`,
];

/** Two transactions wait for each other. The other one has written more, so that the one of `sql` has to give way. */
export async function deadlock(pool: Pool, sql: (text: string) => Promise<unknown>): Promise<void> {
  const other = await pool.getConnection();
  try {
    await other.beginTransaction();
    await other.query('UPDATE busy SET times = times + 1 WHERE id > 1');
    await sql('SELECT times FROM busy WHERE id = 1 FOR UPDATE');
    const waiting = other.query('UPDATE busy SET times = times + 1 WHERE id = 1');
    await Promise.all([waiting, sql('SELECT times FROM busy WHERE id = 2 FOR UPDATE')]);
  } finally {
    await other.rollback().catch(() => {}); // its server may have been killed
    other.release();
  }
}
