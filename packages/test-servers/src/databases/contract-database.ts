import type { BindingUnderTest, EndOfTransaction } from '@fieldfile/conformance/binding';
import type { Journal } from '@fieldfile/core/journal';

/** A database with the contract's tables, empty, and what an ORM's adapter passes on of it. */
export interface ContractDatabase
  extends Pick<BindingUnderTest, 'other' | 'breakJournal' | 'loseCommit'>,
    AsyncDisposable {
  /** Where the ORM connects: the URL of a server's database, or the path of an SQLite file. */
  readonly url: string;
  /** `SqlJournal` in the server's database; `SqliteJournal` beside an SQLite file. */
  readonly journal: Journal;
  /** Ends by itself the transaction in which `sql` runs SQL text. Left out where the database does no such thing. */
  endTransaction?(sql: (text: string) => Promise<unknown>, how: EndOfTransaction): Promise<void>;
}
