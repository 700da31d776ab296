import { FieldFileError } from '../errors/field-file-error.ts';
import { candidateNames } from '../names/candidate-names.ts';
import type { NamePolicy } from '../names/name-policy.ts';
import { type ObjectName, objectName } from '../names/object-name.ts';
import { onlyName } from '../names/only-name.ts';
import type { Backend, Candidates } from './backend.ts';
import type { SaveObjectOptions } from './storage-options.ts';

/** What names are made for. */
interface Named {
  readonly id: string;
  readonly names: NamePolicy;
  readonly backend: Backend;
}

/** The names to try, each validated here whatever the policy says, and each told to the journal before it is tried. */
export async function candidatesOf(
  { id, names: policy, backend: { limits } }: Named,
  name: string,
  { maxLength, onTaken = 'rename', onCandidate }: CandidateOptions,
  operation: string,
): Promise<Candidates> {
  const announce = async (candidate: string): Promise<ObjectName> => {
    const checked = objectName(candidate, limits, operation, id);
    await onCandidate?.(checked);
    return checked;
  };
  if (onTaken === 'fail') {
    const next = async (): Promise<never> => {
      throw taken(id, operation, name);
    };
    return { first: await announce(onlyName(name, maxLength, limits)), next };
  }
  const names = candidateNames(policy, name, maxLength, limits);
  return { first: await announce(names.first), next: () => announce(names.next()) };
}

/** Which names may be tried, and who is told of each. */
type CandidateOptions = Pick<SaveObjectOptions, 'maxLength' | 'onTaken' | 'onCandidate'>;

const taken = (id: string, operation: string, name: string): FieldFileError =>
  new FieldFileError(
    'exists',
    `${JSON.stringify(name)} already exists on storage "${id}", and no other name is wanted (${operation}).`,
    { operation, storage: id, name, applied: false },
  );
