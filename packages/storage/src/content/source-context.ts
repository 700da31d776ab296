/** What errors about a content say it was for. */
export interface SourceContext {
  readonly operation: string;
  readonly storage?: string;
  readonly name?: string;
  /** `model.field`, where there is one. */
  readonly field?: string;
}

/** The same as the end of a sentence. */
export const where = ({ field, name }: SourceContext): string =>
  field ? ` (${field})` : name === undefined ? '' : ` for ${JSON.stringify(name)}`;

/** A value as a sentence names it: its kind, never what is in it. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object' && typeof value !== 'function') return `a ${typeof value}`;
  const name = (value as object).constructor?.name;
  return name && name !== 'Object' ? `a ${name}` : 'an object';
}
