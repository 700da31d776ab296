import { type Content, existing, file, upload } from '@fieldfile/core';
import { contentOf, oneShot } from './content.ts';
import type { DocumentRow, Documents } from './documents.ts';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';

/** Few names, so that they are taken, freed and used again all the time. */
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g/a', 'g/b', 'g/c', 'g/d'] as const;

/** Rows there are, more or less. */
const ROWS = 12;

export interface Actor {
  readonly documents: Documents;
  readonly ledger: Ledger;
  readonly random: Random;
  /** Of this process alone: tokens of contents and ids of rows begin with it. */
  readonly name: string;
  /** The share of names that several processes try at once. */
  readonly rivalry: number;
  /** Some contents go up in parts. */
  readonly large: boolean;
}

class RolledBack extends Error {}

/** Does random things to random rows. */
export class Operations {
  readonly #actor: Actor;
  #count = 0;

  constructor(actor: Actor) {
    this.#actor = actor;
  }

  async next(): Promise<void> {
    const { documents, random } = this.#actor;
    const rows = await documents.all();
    const [first, ...others] = rows;
    const kind = random.next();
    if (!first || rows.length < ROWS / 2 || kind < 0.12) return this.#insert();
    const row = random.pick([first, ...others]);
    if (rows.length > 2 * ROWS || kind < 0.22) return this.#remove(row);
    if (kind < 0.3) return this.#clear(row);
    if (kind < 0.38) return this.#adopt(row, random.pick([first, ...others]));
    if (kind < 0.65) return this.#save(row);
    return this.#transaction(row, random.pick([first, ...others]));
  }

  async #insert(): Promise<void> {
    const { documents, name } = this.#actor;
    const row: DocumentRow = { id: `${name}-${++this.#count}`, file: null, digest: null, version: 1 };
    documents.files.file.set(row, file(this.#content(), this.#name()));
    await documents.insert(row);
    this.#acknowledged(row);
  }

  async #remove({ id }: DocumentRow): Promise<void> {
    const { documents, ledger } = this.#actor;
    ledger.write({ id, removing: true });
    await documents.remove(id);
  }

  async #clear(row: DocumentRow): Promise<void> {
    const { version } = row;
    await this.#actor.documents.files.file.of(row).delete();
    if (row.version !== version) this.#acknowledged(row);
  }

  /** Two rows with one object. */
  async #adopt(row: DocumentRow, { file: name }: DocumentRow): Promise<void> {
    const { documents } = this.#actor;
    const expect = row.file;
    if (name === null || name === expect) return;
    documents.files.file.set(row, existing(name));
    await upload(row);
    await documents.update(row, expect);
    this.#acknowledged(row);
  }

  async #save(row: DocumentRow): Promise<void> {
    await this.#actor.documents.files.file.of(row).save(this.#content(), { name: this.#name() });
    this.#acknowledged(row);
  }

  /** Two rows, or one twice, and half of the time rolled back; sometimes a savepoint rolled back inside. */
  async #transaction(one: DocumentRow, other: DocumentRow): Promise<void> {
    const { documents, random } = this.#actor;
    const { files } = documents;
    // In one order, so that two transactions do not wait for each other.
    const [first, second] = one.id < other.id ? [one, other] : [other, one];
    const rollBack = random.chance(0.4);
    const inner = random.chance(0.3);
    const save = (row: DocumentRow): Promise<void> =>
      files.file.of(row).save(this.#content(), { name: this.#name() });
    // As it was when it was written: a rolled back savepoint leaves the version it saw in memory.
    const written: DocumentRow[] = [];
    try {
      await documents.transaction(async () => {
        await save(first);
        written.push({ ...first });
        if (inner) await documents.rolledBackSavepoint(() => save(second));
        else {
          await save(second);
          written.push({ ...second });
        }
        if (rollBack) throw new RolledBack();
      });
    } catch (error) {
      if (error instanceof RolledBack) return;
      throw error;
    }
    for (const row of written) this.#acknowledged(row);
  }

  #acknowledged({ id, version, file: name, digest }: DocumentRow): void {
    this.#actor.ledger.write({ id, version, file: name, digest });
  }

  #name(): string {
    const { random, rivalry } = this.#actor;
    // A new one every few seconds, which several processes try at once.
    return random.chance(rivalry) ? `h/${Math.floor(Date.now() / 5000)}` : random.pick(NAMES);
  }

  #content(): Exclude<Content, { readonly stored: unknown }> {
    const { random, name, large } = this.#actor;
    const token = `${name}-${++this.#count}`;
    const kind = random.next();
    if (large && kind > 0.985) return oneShot(contentOf(token, 5.5 * 1024 * 1024), 256 * 1024);
    if (kind > 0.6) return oneShot(contentOf(token, 8192 + random.below(32_768)), 8192);
    return contentOf(token, random.below(2000));
  }
}
