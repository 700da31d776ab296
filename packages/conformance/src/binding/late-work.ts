import assert from 'node:assert/strict';
import { rejectsWith } from '../storage/assertions.ts';
import type { BindingContext } from './context.ts';
import { type GatedContent, gatedContent } from './gated-content.ts';
import { replace, statements } from './steps.ts';

/** Work that is begun in a transaction and waits in it, at the latest until its behaviour is over. */
export class LateWork {
  /** Content whose second half waits. */
  readonly content: GatedContent = gatedContent('late content');
  readonly #going = Promise.withResolvers<void>();
  readonly #waiting = Promise.withResolvers<void>();
  #work: Promise<unknown> | undefined;

  /** Begins it. */
  begin<T>(work: () => Promise<T>): Promise<T> {
    const begun = work();
    begun.catch(() => {}); // looked at when the transaction has ended
    this.#work = begun;
    return begun;
  }

  /** What the work waits for, unless it reads `content`. */
  mayGoOn(): Promise<void> {
    this.#waiting.resolve();
    return this.#going.promise;
  }

  /** Settles when the work waits. */
  waits(): Promise<unknown> {
    return Promise.race([this.content.halfWay, this.#waiting.promise, this.settled()]);
  }

  goOn(): void {
    this.content.open();
    this.#going.resolve();
  }

  get work(): Promise<unknown> {
    assert.ok(this.#work, 'the transaction did not begin its work');
    return this.#work;
  }

  /** @throws AssertionError unless it is told that its transaction has ended. */
  async isRefused(context: BindingContext): Promise<void> {
    await rejectsWith('transaction-ended', context.soon(this.work, 'the late work'), 'the late work');
  }

  /** However it ended. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#work]);
  }
}

/**
 * Runs a transaction with work in it that goes on when it has ended: while another transaction is open, which it must
 * not get into. The work must be refused, and change nothing.
 */
export async function outlives(
  context: BindingContext,
  transaction: (late: LateWork) => Promise<unknown>,
): Promise<void> {
  const beside = await context.document('beside.txt');
  await withLateWork(context, async late => {
    await context.soon(transaction(late), 'the transaction');
    const before = await others(context, beside.id);
    const another = context.subject.transaction(async rows => {
      const row = await context.find(beside.id, rows);
      late.goOn();
      // Where all share one connection, what is refused may have to wait for it to look whether a row names its object.
      await Promise.race([late.settled(), statements(context, 20)]);
      await replace(context, rows, row, 'written beside');
    });
    await context.soon(another, 'another transaction');
    await late.isRefused(context);
    assert.deepEqual(await others(context, beside.id), before, 'late work was written');
    await context.storedText(beside.id, 'written beside');
    await context.agrees();
  });
}

/** Whatever becomes of the behaviour, its work does not go on after it. */
export async function withLateWork(
  context: BindingContext,
  run: (late: LateWork) => Promise<void>,
): Promise<void> {
  const late = new LateWork();
  try {
    await run(late);
  } finally {
    late.goOn();
    await Promise.allSettled([context.soon(late.settled(), 'the late work')]);
  }
}

async function others(context: BindingContext, id: number): Promise<unknown> {
  return (await context.other.rows()).filter(row => row.id !== id);
}
