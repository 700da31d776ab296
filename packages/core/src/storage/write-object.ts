import type { GuardedSource } from '../content/guarded-source.ts';
import { FieldFileError, isFieldFileError } from '../errors/field-file-error.ts';
import type { ObjectKey } from '../names/object-key.ts';
import type { Backend, Candidates, ObjectInfo, ReplaceOptions, WriteId, WriteOptions } from './backend.ts';
import { Attempts, withRetries } from './retries.ts';
import type { RetryOptions } from './storage-options.ts';

/** What may be repeated: content that can be read again, or was not read yet. */
type Repeatable = Pick<GuardedSource, 'replayable' | 'opened'>;

/**
 * Creates an object, resolving a lost answer by its write id: the object is found (done once), or what was left is
 * undone and, where the content can be read again, tried again under the name that was tried last.
 */
export function createObject(
  backend: Backend,
  names: Candidates,
  options: WriteOptions,
  retry: RetryOptions,
  content: Repeatable,
  attempt: (names: Candidates) => Promise<ObjectInfo>,
): Promise<ObjectInfo> {
  let current = names.first;
  const next = async (refused: ObjectKey): Promise<ObjectKey> => {
    current = await names.next(refused);
    return current;
  };
  return write(
    backend,
    content,
    options,
    retry,
    () => current,
    () => attempt({ first: current, next }),
  );
}

/** Replaces an object; lost answers as in {@link createObject}. */
export function replaceObject(
  backend: Backend,
  key: ObjectKey,
  source: GuardedSource,
  options: ReplaceOptions,
  retry: RetryOptions,
): Promise<ObjectInfo> {
  return write(
    backend,
    source,
    options,
    retry,
    () => key,
    () => backend.replace(key, source, options),
  );
}

async function write(
  backend: Backend,
  content: Repeatable,
  options: WriteOptions,
  retry: RetryOptions,
  currentKey: () => ObjectKey,
  attempt: () => Promise<ObjectInfo>,
): Promise<ObjectInfo> {
  const attempts = new Attempts(retry, options.signal);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      let failure = error;
      if (isFieldFileError(error) && error.applied === 'unknown') {
        const made = await resolveLostAnswer(backend, currentKey(), options, retry, error);
        if (made) return made;
        failure = notApplied(error);
      }
      if (!content.replayable && content.opened) throw failure;
      await attempts.orThrow(failure);
    }
  }
}

/** The object, when the write turns out done; undefined when nothing of it is left. */
async function resolveLostAnswer(
  backend: Backend,
  key: ObjectKey,
  options: WriteOptions,
  retry: RetryOptions,
  lost: FieldFileError,
): Promise<ObjectInfo | undefined> {
  // Without the signal: an abort must not leave an object that nobody knows of.
  try {
    if (!options.signal?.aborted) {
      const made = await withRetries(() => findWrite(backend, key, options.writeId), retry, undefined);
      if (made) return made;
    }
    await withRetries(() => backend.undo(key, options.writeId), retry, undefined);
    return undefined;
  } catch {
    throw lost; // still `applied: 'unknown'`: whoever keeps a journal undoes it later, by name and write id
  }
}

/** The object at `key`, if that write made it. */
export async function findWrite(
  backend: Backend,
  key: ObjectKey,
  writeId: WriteId,
): Promise<ObjectInfo | undefined> {
  if (backend.findWrite) return backend.findWrite(key, writeId);
  const info = await backend.stat(key);
  return info?.writeId === writeId ? info : undefined;
}

function notApplied(error: FieldFileError): FieldFileError {
  return new FieldFileError(error.code, error.message, {
    operation: error.operation,
    storage: error.storage,
    name: error.objectName,
    field: error.field,
    retryable: error.retryable,
    applied: false,
    cause: error,
  });
}
