export { type FromPathOptions, fromPath } from '@fieldfile/storage/node';
export { type ClamdOptions, clamd } from './inspect/clamd.ts';
export { SqliteJournal, type SqliteJournalOptions } from './journal/sqlite-journal.ts';
export { type SortOnDiskOptions, sortOnDisk } from './sweep/sort-on-disk.ts';
