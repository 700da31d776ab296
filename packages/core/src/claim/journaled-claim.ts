import { FieldFileError, type Storage, type WriteId } from '@fieldfile/storage';
import { throwIfAborted } from '@fieldfile/storage/backend';
import { reported } from '@fieldfile/storage/internal';
import { needsRow } from '../change/stage-file.ts';
import type { DeclaredField } from '../field/declared-field.ts';
import type { Journal } from '../journal/journal.ts';
import { requireClaimKeys } from './claim-token.ts';
import { undoClaim } from './claimed-object.ts';

/**
 * What every claim needs of its field.
 *
 * @throws `unsupported` without a key that signs or a journal, and where only a row tells the name.
 */
export function requireClaims(field: DeclaredField): void {
  if (field.needsRow) throw needsRow(field, 'claim');
  requireClaimKeys(field);
  requireJournal(field, 'claim');
}

/** @throws `unsupported` without one: nothing else ends what nobody redeems, or tells whether a row has it. */
export function requireJournal(field: DeclaredField, operation: string): Journal {
  const { journal } = field.model.binding ?? {};
  if (journal) return journal;
  throw new FieldFileError(
    'unsupported',
    `${field.label} has no journal, which alone ends uploads that nobody redeems: give its binding one (${operation}).`,
    { operation, field: field.label },
  );
}

/**
 * Makes what a client is given of a claim whose name is held, and hands the claim to the journal, which ends what nobody redeems. A
 * failure leaves nothing.
 *
 * @param make its end, in milliseconds since 1970, and what is given.
 * @throws `intent-lost` where recovery has ended the claim meanwhile.
 */
export async function giveOut<Given>(
  field: DeclaredField,
  {
    id,
    storage,
    name,
    signal,
  }: {
    readonly id: WriteId;
    readonly storage: Storage;
    readonly name: string;
    readonly signal?: AbortSignal | undefined;
  },
  make: () => Promise<{ readonly untilMs: number; readonly given: Given }>,
): Promise<Given> {
  const journal = requireJournal(field, 'claim');
  try {
    const { untilMs, given } = await make();
    throwIfAborted(signal, 'claim');
    if (!(await journal.handBack(id, Math.max(0, untilMs - Date.now())))) throw lostClaim(field, name);
    return given;
  } catch (error) {
    await reported(async () => void (await takeBack(journal, storage, name, id)));
    throw error;
  }
}

/**
 * Ends a claim that no row has.
 *
 * @param by `release`: nothing was given out. `withdraw`: it waits to be redeemed.
 * @returns false where a row has it, or it has ended before.
 */
export async function takeBack(
  journal: Journal,
  storage: Storage,
  name: string,
  id: WriteId,
  by: 'release' | 'withdraw' = 'release',
): Promise<boolean> {
  if (!(await journal[by](id))) return false;
  try {
    await undoClaim(storage, name, id);
    await journal.end(id);
    return true;
  } catch (error) {
    await journal.postpone(id, 1000, error);
    throw error;
  }
}

export const lostClaim = ({ label }: DeclaredField, name: string, operation = 'claim'): FieldFileError =>
  new FieldFileError(
    'intent-lost',
    `The claim of ${label} was redeemed before, or refused, or its time is over: claim again.`,
    { operation, field: label, name, applied: false },
  );
