import type pg from 'pg';

/** Kysely never gives back a connection that was lost in a transaction, and closing the pool would wait for it. */
export function releaseLost(pool: pg.Pool): void {
  const held = new Set<pg.PoolClient>();
  pool.on('acquire', client => held.add(client)).on('release', (_, client) => held.delete(client));
  pool.on('connect', client => {
    client.on('end', () => {
      if (held.has(client)) client.release(true);
    });
  });
}
