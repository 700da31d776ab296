import { FieldFileError } from '../errors/field-file-error.ts';
import type { WriteOptions } from './backend.ts';
import type { PartedWrite } from './parts.ts';

/** What an object that comes in parts is given beside its bytes: `begin` keeps it in the write's id, for `complete`. */
export type GivenToParts = Omit<WriteOptions, 'writeId' | 'signal' | 'onProgress'>;

/**
 * Reads the id of a write in parts, which `begin` made by JSON of a list.
 *
 * @param read gives undefined for a list that is none of this backend's.
 * @throws `invalid-argument` for a text that is none of ours.
 */
export function readPartedId<Begun>(
  about: { readonly operation: string; readonly storage?: string },
  { name, id }: PartedWrite,
  read: (told: readonly unknown[]) => Begun | undefined,
): Begun {
  let begun: Begun | undefined;
  try {
    begun = read(JSON.parse(id));
  } catch {
    // said below
  }
  if (begun !== undefined) return begun;
  throw new FieldFileError(
    'invalid-argument',
    `The id of a write in parts is what begin gave, not ${JSON.stringify(id)} (${about.operation}).`,
    { ...about, name },
  );
}
