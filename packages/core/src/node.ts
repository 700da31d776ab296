export { type FromPathOptions, fromPath } from '@fieldfile/storage/node';
export { SqliteJournal, type SqliteJournalOptions } from './journal/sqlite-journal.ts';
export { type SortOnDiskOptions, sortOnDisk } from './sweep/sort-on-disk.ts';
