import type { ObjectVersion, WriteId } from '@fieldfile/storage';
import type { ReferringField } from '../field/declared-fields.ts';
import type { RowKey } from '../field/row-key.ts';
import type { SqlExecutor, SyncSqlExecutor } from './sql.ts';

/** What a change is about to do to a storage, committed before the first byte moves. */
export interface Intent {
  /** The write id of what is stored; a fresh one where nothing is. */
  readonly id: WriteId;
  /** `'store'`: an object is made. `'adopt'`: one that is there gets a row. `'replace'`: the one that its row names gets other bytes. `'claim'`: a client makes one, in the place of one that holds the name. `'derive'`: one is made of another, under a lock beside it. */
  readonly kind: 'store' | 'adopt' | 'replace' | 'claim' | 'derive';
  /** `Storage.id`. */
  readonly storage: string;
  readonly name: string;
  readonly model: string;
  readonly field: string;
  /** Null while the row has none: it is not inserted yet. For whoever reads the journal. */
  readonly key: RowKey | null;
}

/** How far a change has come. `'taken'`: its row was written. `'undone'`: recovery took it back and looks again later. */
export type EntryState = 'open' | 'taken' | 'undone';

/** One entry, as recovery finds it. */
export interface JournalEntry {
  readonly id: WriteId;
  readonly kind: 'store' | 'adopt' | 'replace' | 'claim' | 'derive' | 'remove';
  readonly state: EntryState;
  readonly storage: string;
  /** The object that was stored, adopted or replaced; null where a file was cleared or a row deleted. */
  readonly name: string | null;
  /** The object to remove once the row is committed; null where there was none. */
  readonly oldName: string | null;
  /** The version of it that is to be removed, once somebody has begun to: another object of that name is not touched. */
  readonly oldVersion: ObjectVersion | null;
  readonly model: string;
  readonly field: string;
  /** As JSON. */
  readonly key: string | null;
  /** How often recovery took it up, this time included. */
  readonly attempts: number;
  readonly lastError: string | null;
  /** It failed too often: recovery leaves it alone until `retry`. */
  readonly setAside: boolean;
}

/** What a row's transaction takes of the journal, in that transaction. */
export interface Taking {
  /** The intent's id, or a fresh one where nothing was stored. */
  readonly id: WriteId;
  /** Whether an intent of that id was begun. */
  readonly begun: boolean;
  readonly storage: string;
  /** What is to be removed after the commit. */
  readonly oldName: string | null;
  /** The storage keeps something until `settle`: the entry stays until that is done. */
  readonly settles: boolean;
  readonly model: string;
  readonly field: string;
  readonly key: RowKey | null;
}

/**
 * Keeps row and object together through crashes: every change is written down before it begins, taken by the row's own
 * transaction, and finished by `recover` where its process died.
 *
 * Liveness never decides: who takes an entry in one committed statement has it. See `SqlJournal`.
 */
export interface Journal {
  /** The fields of every model whose binding names this journal. `defineFiles` adds them. */
  readonly fields: Set<ReferringField>;
  /** Whether entries are kept apart from the rows, so that a taken entry only says that its row may have been written. */
  readonly apart: boolean;
  /** Whose connections its statements take, where that is known. */
  readonly database?: object | undefined;
  /**
   * The id of the application whose journal it is: the same in all of its processes, and no other application's. A sweep
   * knows by it that it is alone at a location.
   */
  application?(): Promise<string>;
  /** How long removed objects are kept. */
  readonly keepRemovedMs: number;
  /** How long an entry is left alone by others once it was renewed. */
  readonly leaseMs: number;

  /**
   * Commits the intent.
   *
   * @param transaction for a replacement: the row's, in which the columns beside the name become unknown. Its intent is
   * committed with them, or, apart from the rows, before them.
   * @throws `journal`: nothing may be uploaded then; `conflict` where somebody else is replacing that object.
   */
  begin(intent: Intent, transaction?: SqlExecutor): Promise<void>;
  /** The storage refused the name: commits the next one before it is tried. @throws `intent-lost`. */
  rename(id: WriteId, name: string): Promise<void>;
  /** In the row's transaction, after the row was written. @throws `intent-lost`: the transaction must roll back. */
  take(taking: Taking, transaction: SqlExecutor | undefined): Promise<void>;
  /** As `take`, in a transaction that cannot wait. Left out where the journal's own database has to be waited for. */
  takeSync?(taking: Taking, transaction: SyncSqlExecutor | undefined): void;
  /** Commits a removal that no row's transaction asks for: a sweep's. */
  beginRemoval(
    removal: Pick<Taking, 'id' | 'storage' | 'model' | 'field'> & { readonly oldName: string },
  ): Promise<void>;
  /**
   * The row's transaction was rolled back, or never began. True: the intent is claimed and not taken, so that the write
   * may be undone. False: there is none, so that only the rows can tell.
   */
  release(id: WriteId): Promise<boolean>;
  /**
   * Goes on with an intent that was left to wait for its row, in this process or another. False: its time has passed, or a
   * row has it, or is about to: a transaction that has taken it is not waited for.
   */
  resume(id: WriteId): Promise<boolean>;
  /**
   * The intent waits for a row: recovery ends it `afterMs` from now. False: nothing could wait, since its time has passed, or a
   * row has it, or is about to, as in `resume`.
   *
   * @param wasTaken the caller took it itself, and its transaction was rolled back: apart from the rows, that was announced.
   */
  handBack(id: WriteId, afterMs: number, wasTaken?: boolean): Promise<boolean>;
  /** An intent that waits shall not wait any more: no row takes it from now on. False: a row has it or is about to, as in `resume`; or recovery. */
  withdraw(id: WriteId): Promise<boolean>;
  /** Whether the row's transaction took the entry and was committed. */
  isTaken(id: WriteId): Promise<boolean>;
  /**
   * Commits which version of the old object is to be removed, before that is asked for: who goes on after a crash
   * removes no other one. False: the entry is somebody else's.
   */
  aim(id: WriteId, version: ObjectVersion): Promise<boolean>;
  /** Keeps what this process took or claimed for one more lease. False: the entry is somebody else's. */
  renew(id: WriteId): Promise<boolean>;
  /** Nothing more is to be done for a committed change. An entry that is not taken after all is left to recovery. */
  endTaken(id: WriteId): Promise<void>;
  /** Nothing more is to be done. */
  end(id: WriteId): Promise<void>;
  /** Nobody here goes on with it: recovery shall, `afterMs` from now (0 by default). */
  postpone(id: WriteId, afterMs?: number, error?: unknown): Promise<void>;
  /** Whether what this process took or claimed is certainly not somebody else's yet. */
  holds(id: WriteId): boolean;
  /** Whether another change is about to give that name to a row. */
  hasWriter(storage: string, name: string, except: WriteId): Promise<boolean>;
  /** Whether somebody may be removing that object just now. */
  hasRemover(storage: string, name: string): Promise<boolean>;

  /** Takes up to `limit` entries whose time has come and that nobody works on, in one committed statement. */
  claim(limit: number): Promise<readonly JournalEntry[]>;
  /** A claimed intent was undone, and its uploader may still be alive: looks again later, a few times. */
  undone(entry: JournalEntry): Promise<void>;
  /** A claimed entry failed too often: recovery leaves it alone from now on. */
  setAside(id: WriteId, error: unknown): Promise<void>;
  /** Entries as they stand, the next due first. */
  entries(options?: { readonly limit?: number }): Promise<readonly JournalEntry[]>;
  /** Puts what was set aside back to work. @returns how many. */
  retry(): Promise<number>;
}
