export type { ReferringField } from './field/declared-fields.ts';
/** What survives a crash: the journal, its recovery, and the comparison of a storage with its rows. */
export { type SqlDialect, type SqlDialectName, sqlDialect } from './journal/dialect.ts';
export type { FileColumn } from './journal/file-column.ts';
export { type FileMigrationOptions, fileMigration } from './journal/file-migration.ts';
export type {
  EntryState,
  Intent,
  Journal,
  JournalEntry,
  Taking,
} from './journal/journal.ts';
export { fileIndex, journalTable, quotedTable } from './journal/journal-table.ts';
export {
  type RecoverContinuouslyOptions,
  type RecoveredEntry,
  type RecoverOptions,
  type RecoverReport,
  type Recovery,
  recover,
  recoverContinuously,
} from './journal/recover.ts';
export type { SqlExecutor, SqlResult, SqlValue, SyncSqlExecutor } from './journal/sql.ts';
export { SqlJournal } from './journal/sql-journal.ts';
export type { SqlJournalOptions } from './journal/sql-journal-options.ts';
export { Statements } from './journal/statements.ts';
export {
  QUARANTINE,
  type SweepFinding,
  type SweepOptions,
  type SweepProgress,
  type SweepReport,
  sweep,
} from './sweep/sweep.ts';
