import type { Source } from '@fieldfile/storage';
import type { InspectedContent } from './inspection.ts';

/** What was computed of content, by the names that the field has for the values. */
export type ComputedValues = Readonly<Record<string, string | number | null>>;

/** Columns whose values are read out of the content while it is stored, as an image's width and height. */
export interface ComputedColumns<Row extends object> {
  /** The column of each value. They must take null, as those of `columns`. */
  readonly columns: Readonly<Record<string, (keyof Row & string) | undefined>>;
  readonly compute: Compute;
}

/**
 * Reads values out of content. It runs before the content exists under any name, also where an object is copied or adopted.
 * It is not needed to read to the end, and nothing is kept of what it has read.
 *
 * @returns values by the names that `columns` has for them; what is missing is null.
 * @throws `not-accepted` to refuse the content. Any other error stores nothing either: `not-inspected`.
 */
export type Compute = (
  content: AsyncIterable<Uint8Array>,
  about: InspectedContent,
) => Promise<ComputedValues>;

/** Content whose computed values are known once it is stored. */
export interface ComputedContent {
  readonly source: Source;
  values(): ComputedValues | undefined;
}

/** The columns with their values; null for what was not computed. */
export function computedColumns(
  computed: ComputedColumns<never> | undefined,
  values: ComputedValues | undefined,
): ComputedValues {
  const columns: Record<string, string | number | null> = {};
  for (const [value, column] of Object.entries(computed?.columns ?? {}))
    if (column !== undefined) columns[column] = values?.[value] ?? null;
  return columns;
}
