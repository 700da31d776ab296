import { adopt, file, isFieldFileError } from '@fieldfile/core';
import { contentOf, oneShot, REFUSED } from './content.ts';
import type { DocumentRow, Documents } from './documents.ts';
import { followsDeadlock, isDeadlock, isUnreachable } from './failures.ts';
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
  /** Some contents are of the kind that the inspector refuses. */
  readonly isInspected: boolean;
  /** Deadlocks are made on purpose, and this is told of them. */
  readonly onDeadlock?: (() => void) | undefined;
}

class RolledBack extends Error {}

async function rolledBack(work: Promise<unknown>): Promise<void> {
  await work.catch(error => {
    if (!(error instanceof RolledBack)) throw error;
  });
}

const BREAK = 'The content breaks off.';

async function brokenOff(work: Promise<void> | undefined): Promise<void> {
  await work?.catch(error => {
    if (!(error instanceof Error && error.message === BREAK)) throw error;
  });
}

async function* breaking(content: Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) yield content;
  else yield* content;
  throw new Error(BREAK);
}

/** Work that came too late for its transaction is refused, and nothing else. */
async function settled(late: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(late))
    if (result.status === 'rejected' && !isLate(result.reason)) throw result.reason;
}

const isLate = (error: unknown): boolean =>
  error instanceof RolledBack || isFieldFileError(error, 'transaction-ended');

/** Up to four rows, each once. */
function some(rows: readonly DocumentRow[], random: Random): DocumentRow[] {
  const picked = new Map(
    Array.from({ length: 4 }, () => random.pick(rows as [DocumentRow, ...DocumentRow[]])).map(row => [
      row.id,
      row,
    ]),
  );
  return [...picked.values()];
}

/** Does random things to random rows. */
export class Operations {
  readonly #actor: Actor;
  #count = 0;
  /** What a write of this operation met. */
  #deadlock: unknown;
  #saves: Promise<unknown>[] = [];

  constructor(actor: Actor) {
    this.#actor = actor;
  }

  /** Where several writes of one transaction fail by a deadlock, it is told, whichever of them failed first. */
  async next(): Promise<void> {
    this.#deadlock = undefined;
    this.#saves = [];
    try {
      await this.#any();
    } catch (error) {
      if (!followsDeadlock(error)) throw error;
      await Promise.allSettled(this.#saves); // the one that met it may still take back what it stored
      throw this.#deadlock ?? error;
    }
  }

  async #any(): Promise<void> {
    const { documents, random } = this.#actor;
    const rows = await documents.all();
    const [first, ...others] = rows;
    const kind = random.next();
    if (!first || rows.length < ROWS / 2 || kind < 0.12) return this.#insert();
    const row = random.pick([first, ...others]);
    if (this.#actor.onDeadlock && random.chance(0.15)) return this.#deadlocked(some(rows, random));
    if (rows.length > 2 * ROWS || kind < 0.22) return this.#remove(row);
    if (kind < 0.3) return this.#clear(row);
    if (kind < 0.38) return this.#adopt(row, random.pick([first, ...others]));
    if (kind < 0.48) return this.#replace(row);
    if (kind < 0.56) return this.#archive(row, random.pick([first, ...others]));
    if (kind < 0.62) return this.#save(row);
    if (kind < 0.72) return this.#stage(row, random.pick([first, ...others]));
    if (kind < 0.8) return this.#transaction(row, random.pick([first, ...others]));
    if (kind < 0.87) return this.#savesAtOnce(some(rows, random));
    if (kind < 0.94) return this.#savepointsAtOnce(some(rows, random));
    return this.#unawaited(some(rows, random));
  }

  async #insert(): Promise<void> {
    const { documents, name } = this.#actor;
    const row: DocumentRow = {
      id: `${name}-${++this.#count}`,
      file: null,
      digest: null,
      size: null,
      version: 1,
    };
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
    if (name === null || name === row.file) return;
    documents.files.file.set(row, adopt(name));
    await documents.update(row);
    this.#acknowledged(row);
  }

  /**
   * A row is given the other one's file, which is saved, cleared, removed or rolled back before that is copied; now and then
   * nobody copies it.
   */
  async #archive(row: DocumentRow, other: DocumentRow): Promise<void> {
    const { documents, random } = this.#actor;
    const { file } = documents.files;
    if (other.file === null || other.id === row.id) return;
    file.set(row, file.of(other));
    const kind = random.next();
    if (kind < 0.3) await this.#save(other);
    else if (kind < 0.5) await this.#clear(other);
    else if (kind < 0.6) await this.#remove(other);
    else if (kind < 0.8) await rolledBack(documents.transaction(() => this.#write(other, [], true)));
    if (random.chance(0.1)) return;
    if (random.chance(0.3))
      await rolledBack(
        documents.transaction(async () => {
          await documents.update(row);
          throw new RolledBack();
        }),
      );
    await documents.update(row);
    this.#acknowledged(row);
  }

  /**
   * A file is stored before any row is known. One row takes it, perhaps after a rollback and as another process would; the
   * second one is refused; or nobody takes it, and it ends with its time.
   */
  async #stage(row: DocumentRow, other: DocumentRow): Promise<void> {
    const { documents, random } = this.#actor;
    const { file } = documents.files;
    const staged = await file.stage(this.#content(), {
      name: this.#name(),
      keepSeconds: 0.5 + random.next(),
    });
    const kind = random.next();
    if (kind < 0.2) return;
    if (kind < 0.3) return staged.undo();
    const again = () => file.restage(JSON.parse(JSON.stringify(staged.staged)));
    file.set(row, random.chance(0.5) ? staged : again());
    if (random.chance(0.3))
      await rolledBack(
        documents.transaction(async () => {
          await documents.update(row);
          throw new RolledBack();
        }),
      );
    await documents.update(row);
    this.#acknowledged(row);
    if (random.chance(0.7) || other.id === row.id) return;
    file.set(other, again());
    await documents.update(other);
    throw new Error(`Two rows have the staged file ${staged.staged.name}.`);
  }

  async #save(row: DocumentRow): Promise<void> {
    await this.#actor.documents.files.file.of(row).save(this.#content(), { name: this.#name() });
    this.#acknowledged(row);
  }

  /** Other bytes under the same name, by this row object or by its key alone; now and then the content breaks off. */
  async #replace(row: DocumentRow): Promise<void> {
    const { documents, random } = this.#actor;
    const { file } = documents.files;
    if (row.file === null) return;
    if (random.chance(0.1)) return brokenOff(file.of(row).stored?.replace(breaking(this.#content())));
    if (random.chance(0.8)) {
      await file.of(row).stored?.replace(this.#content());
      return this.#acknowledged(row);
    }
    await file.revive({ ...file.of(row).reference() }).stored?.replace(this.#content());
  }

  /** Two rows, or one twice, and half of the time rolled back; sometimes a savepoint rolled back inside. */
  async #transaction(one: DocumentRow, other: DocumentRow): Promise<void> {
    const { documents, random } = this.#actor;
    // In one order, so that two transactions do not wait for each other.
    const [first, second] = one.id < other.id ? [one, other] : [other, one];
    const rollBack = random.chance(0.4);
    const inner = random.chance(0.3);
    await this.#acknowledging(async written => {
      await documents.transaction(async () => {
        await this.#write(first, written);
        if (inner) await rolledBack(documents.transaction(() => this.#write(second, [], true)));
        else await this.#write(second, written);
        if (rollBack) throw new RolledBack();
      });
    });
  }

  /** Several rows in one transaction by `Promise.all`; sometimes one breaks, while the others are still under way. */
  async #savesAtOnce(rows: readonly DocumentRow[]): Promise<void> {
    const { documents, random } = this.#actor;
    const breaks = random.chance(0.4);
    const saves: Promise<void>[] = [];
    await this.#acknowledging(written =>
      documents.transaction(async () => {
        for (const row of rows) saves.push(this.#write(row, written, breaks && row === rows[0]));
        await Promise.all(saves);
      }),
    );
    await settled(saves);
  }

  /** Savepoints that are begun at once in one transaction, of which some are rolled back. */
  async #savepointsAtOnce(rows: readonly DocumentRow[]): Promise<void> {
    const { documents, random } = this.#actor;
    const rollBack = random.chance(0.2);
    await this.#acknowledging(written =>
      documents.transaction(async () => {
        const savepoints = rows.map(row => {
          const fails = random.chance(0.4);
          const own: DocumentRow[] = [];
          const ended = documents.transaction(() => this.#write(row, own, fails));
          return rolledBack(ended.then(() => void written.push(...own)));
        });
        await Promise.all(savepoints);
        if (rollBack) throw new RolledBack();
      }),
    );
  }

  /** The database ends the transaction by a deadlock in a savepoint. That is caught, and the transaction goes on all the same. */
  async #deadlocked([first, ...others]: readonly DocumentRow[]): Promise<void> {
    const { documents, random, onDeadlock } = this.#actor;
    const isCaughtInside = random.chance(0.5);
    const rollBack = random.chance(0.4);
    const beganMs = performance.now();
    let isMet = false;
    const met = (error: unknown): void => {
      if (!isDeadlock(error)) throw error;
      isMet = true;
    };
    const ended = documents.transaction(async () => {
      if (first) await this.#write(first, []);
      await documents
        .transaction(async () => {
          const deadlock = documents.deadlock();
          await (isCaughtInside ? deadlock.catch(met) : deadlock);
        })
        .catch(error => isMet || met(error));
      for (const row of others) await this.#write(row, []).catch(() => {}); // refused, or written at once
      if (rollBack) throw new RolledBack();
    });
    const failure = await ended.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!isMet) throw failure ?? new Error('There was no deadlock.');
    if (isUnreachable(failure)) throw failure;
    const isTold = isFieldFileError(failure, 'transaction-lost');
    if (!isTold && (await documents.wasRestarted(beganMs))) return; // whoever lost the connection could not ask
    if (!isTold)
      throw new Error('Nobody was told that the database had ended the transaction.', { cause: failure });
    onDeadlock?.();
  }

  /** Work that its transaction does not await: it is in time, or refused. */
  async #unawaited([first, ...others]: readonly DocumentRow[]): Promise<void> {
    const { documents, random } = this.#actor;
    if (!first) return;
    const late: Promise<void>[] = [];
    await this.#acknowledging(written =>
      documents.transaction(async () => {
        for (const row of others) late.push(this.#write(row, []));
        for (const write of late) write.catch(() => {}); // looked at below
        await this.#write(first, written);
        if (random.chance(0.3)) throw new RolledBack();
      }),
    );
    await settled(late);
  }

  /** Acknowledges what a transaction has written, unless that was rolled back on purpose. */
  async #acknowledging(run: (written: DocumentRow[]) => Promise<void>): Promise<void> {
    const written: DocumentRow[] = [];
    try {
      await run(written);
    } catch (error) {
      if (error instanceof RolledBack) return;
      throw error;
    }
    for (const row of written) this.#acknowledged(row);
  }

  /** @param written takes the row as it was then: a rolled back savepoint leaves the version it saw in memory. */
  async #write(row: DocumentRow, written: DocumentRow[], rollBack: boolean = false): Promise<void> {
    try {
      const save = this.#actor.documents.files.file.of(row).save(this.#content(), { name: this.#name() });
      this.#saves.push(save);
      await save;
    } catch (error) {
      if (isDeadlock(error)) this.#deadlock = error;
      throw error;
    }
    written.push({ ...row });
    if (rollBack) throw new RolledBack();
  }

  #acknowledged({ id, version, file: name, digest }: DocumentRow): void {
    this.#actor.ledger.write({ id, version, file: name, digest });
  }

  #name(): string {
    const { random, rivalry } = this.#actor;
    // A new one every few seconds, which several processes try at once.
    return random.chance(rivalry) ? `h/${Math.floor(Date.now() / 5000)}` : random.pick(NAMES);
  }

  #content(): Uint8Array<ArrayBuffer> | AsyncGenerator<Uint8Array> {
    const { random, name, large, isInspected } = this.#actor;
    const refused = isInspected && random.chance(0.15) ? REFUSED : '';
    const token = `${refused}${name}-${++this.#count}`;
    const kind = random.next();
    if (large && kind > 0.985) return oneShot(contentOf(token, 5.5 * 1024 * 1024), 256 * 1024);
    if (kind > 0.6) return oneShot(contentOf(token, 8192 + random.below(32_768)), 8192);
    return contentOf(token, random.below(2000));
  }
}
