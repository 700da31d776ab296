import { FieldFileError } from '@fieldfile/storage';
import { newWriteId } from '@fieldfile/storage/backend';
import { NEVER, type Statements } from './statements.ts';

/** The one row of the table that is no entry: it has what the application is called. */
const APPLICATION = 'application';
export const IS_ENTRY: string = `kind <> '${APPLICATION}'`;

/** What the application is called where it marks the locations of its objects: given, or made once and kept in the journal's table. */
export class Application {
  readonly #sql: Statements;
  readonly #table: string;
  #name: string | undefined;

  /** @throws `invalid-argument` for a name that cannot stand in an object's. */
  constructor(sql: Statements, table: string, name: string | undefined) {
    this.#sql = sql;
    this.#table = table;
    this.#name = checkedName(name);
  }

  async name(): Promise<string> {
    this.#name ??= (await this.#find()) ?? (await this.#make());
    return this.#name;
  }

  async #find(): Promise<string | undefined> {
    const { rows } = await this.#sql.run(`SELECT object_name FROM ${this.#table} WHERE id = ?`, [
      APPLICATION,
    ]);
    return rows[0]?.object_name as string | undefined;
  }

  async #make(): Promise<string> {
    const id = newWriteId();
    try {
      await this.#sql.run(
        `INSERT INTO ${this.#table} (id, kind, state, storage, object_name, model, field, attempts, due) ` +
          `VALUES (?, ?, ?, '', ?, '', '', 0, ${NEVER - 1})`,
        [APPLICATION, APPLICATION, APPLICATION, id],
      );
      return id;
    } catch (error) {
      const theirs = await this.#find(); // another process was first
      if (theirs === undefined) throw error;
      return theirs;
    }
  }
}

function checkedName(name: string | undefined): string | undefined {
  if (name === undefined || (typeof name === 'string' && /^(?!\.+$)[\w.-]{1,64}$/.test(name))) return name;
  throw new FieldFileError(
    'invalid-argument',
    'application must be 1 to 64 letters, digits, "_", "-" and ".", and not dots alone.',
    { operation: 'journal' },
  );
}
