import { type SQL, sql } from 'drizzle-orm';

/** SQL text with values between its pieces. */
export const inPieces = (texts: readonly string[], values: readonly unknown[]): SQL =>
  sql.join(
    texts.flatMap((text, index) =>
      index < values.length ? [sql.raw(text), sql`${values[index]}`] : [sql.raw(text)],
    ),
  );
