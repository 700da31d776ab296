import { file } from '@fieldfile/core';
import { rejection, turn } from '../storage/assertions.ts';
import type { BindingContext } from './context.ts';
import type { DocumentRow, RowOperations } from './options.ts';

/** What a behaviour throws to have its transaction rolled back. */
export class Abandoned extends Error {}

/** Runs work in a transaction that is rolled back. */
export async function rolledBack(
  context: BindingContext,
  work: (rows: RowOperations<DocumentRow>) => Promise<unknown>,
): Promise<void> {
  await abandoned(
    context.subject.transaction(async rows => {
      await work(rows);
      throw new Abandoned();
    }),
  );
}

/** Waits for a transaction or savepoint that throws `Abandoned`, and fails with whatever else it throws. */
export async function abandoned(transaction: Promise<unknown>): Promise<void> {
  const error = await rejection(transaction, 'what was to be rolled back');
  if (!(error instanceof Abandoned)) throw error;
}

/** Assigns and saves: the way every ORM has. */
export async function replace(
  context: BindingContext,
  rows: RowOperations<DocumentRow>,
  row: DocumentRow,
  text: string,
): Promise<void> {
  context.subject.assign(row, file(text, `${text}.txt`));
  await rows.save(row, {});
}

/** Content that breaks off with this error, once something has come about. */
export function brokenContent(
  error: Error,
  when: () => Promise<unknown> = async () => {},
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await when();
        controller.error(error);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Takes as long as some statements and turns of the event loop, so that what was begun before gets on. */
export async function statements(context: BindingContext, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await context.other.rows();
    await turn();
  }
}

/** As `pg` has it. */
export const serializationFailure = (): Error =>
  Object.assign(new Error('could not serialize access due to concurrent update'), { code: '40001' });
