import { existsSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Processes } from './sql-journal.ts';

/**
 * A process as a locked file: the system frees the lock when the process dies, in whatever way, and keeps it while the
 * process is only stopped. Locked through SQLite, since Node has no locks on files.
 */
export class ProcessLock implements Processes {
  readonly own: string = crypto.randomUUID();
  readonly #prefix: string;
  readonly #held: DatabaseSync;

  /** @param prefix path that the lock files' names begin with. */
  constructor(prefix: string) {
    this.#prefix = prefix;
    this.#held = new DatabaseSync(this.#path(this.own));
    this.#held.exec(LOCK);
  }

  async dead(processes: readonly string[]): Promise<readonly string[]> {
    return processes.filter(process => process !== this.own && !this.#lives(process));
  }

  release(): void {
    this.#held.close();
    rmSync(this.#path(this.own), { force: true });
  }

  #lives(process: string): boolean {
    const path = this.#path(process);
    if (!existsSync(path)) return false;
    const probe = new DatabaseSync(path, { timeout: 0 });
    try {
      probe.exec(LOCK);
    } catch (error) {
      if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return true;
      if (existsSync(path)) throw error; // else another one found it dead at the same time
    } finally {
      probe.close();
    }
    rmSync(path, { force: true });
    return false;
  }

  #path(process: string): string {
    return `${this.#prefix}-${process}`;
  }
}

/** Its rollback journal is in memory: a killed process would leave a file, which the next one would find. */
const LOCK = 'PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE';

const SQLITE_BUSY = 5;
