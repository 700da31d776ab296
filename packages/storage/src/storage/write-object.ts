import type { GuardedSource } from '../content/guarded-source.ts';
import { FieldFileError, isFieldFileError } from '../errors/field-file-error.ts';
import type { ObjectName } from '../names/object-name.ts';
import type {
  Backend,
  CallOptions,
  Candidates,
  ObjectInfo,
  ReplaceOptions,
  WriteId,
  WriteOptions,
} from './backend.ts';
import { Attempts, withRetries } from './retries.ts';
import type { RetryOptions } from './storage-options.ts';

/** Whether content can be sent once more. */
export type Repeatable = Pick<GuardedSource, 'repeatable'>;

/** One write, however often it is attempted. */
interface Write {
  readonly backend: Backend;
  readonly options: WriteOptions;
  readonly retry: RetryOptions;
  readonly content: Repeatable;
  /** The name that was tried last. */
  readonly name: () => ObjectName;
  readonly attempt: () => Promise<ObjectInfo>;
  /** Taking back a replacement would leave nothing, not what was there before: once done, it stays. */
  readonly replaces: boolean;
}

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
  const next = async (refused: ObjectName): Promise<ObjectName> => {
    current = await names.next(refused);
    return current;
  };
  return write({
    backend,
    options,
    retry,
    content,
    name: () => current,
    attempt: () => attempt({ first: current, next }),
    replaces: false,
  });
}

/** Replaces an object; lost answers as in {@link createObject}. */
export function replaceObject(
  backend: Backend,
  name: ObjectName,
  options: ReplaceOptions,
  retry: RetryOptions,
  content: Repeatable,
  attempt: () => Promise<ObjectInfo>,
): Promise<ObjectInfo> {
  return write({
    backend,
    options,
    retry,
    content,
    name: () => name,
    attempt,
    replaces: true,
  });
}

async function write(one: Write): Promise<ObjectInfo> {
  const attempts = new Attempts(one.retry, one.options.signal);
  // A request without an answer may arrive later. What it creates then, its write id still finds; what it replaces is gone.
  let mayArrive = false;
  for (;;) {
    try {
      return await one.attempt();
    } catch (error) {
      let failure = error;
      if (isFieldFileError(error) && error.applied === 'unknown') {
        const made = await resolveLostAnswer(one, error);
        if (made) return made;
        mayArrive = one.replaces;
        failure = copyOf(error, { applied: mayArrive ? 'unknown' : false, cause: error });
      } else if (mayArrive && isFieldFileError(error))
        failure = copyOf(error, { applied: 'unknown', cause: error });
      if (!one.content.repeatable) throw failure;
      await attempts.orThrow(failure);
    }
  }
}

/** The object, when the write turns out done; undefined when nothing of it is left. */
async function resolveLostAnswer(one: Write, lost: FieldFileError): Promise<ObjectInfo | undefined> {
  const { backend, retry } = one;
  const { writeId, signal } = one.options;
  // Without the signal: an abort must not leave an object that nobody knows of.
  try {
    if (one.replaces || !signal?.aborted) {
      const made = await withRetries(() => writtenBy(backend, one.name(), writeId), retry, undefined);
      if (made) return made;
    }
    const kept = one.replaces ? { keepObject: true } : {};
    await withRetries(() => backend.undo(one.name(), writeId, kept), retry, undefined);
    return undefined;
  } catch (error) {
    // Still `applied: 'unknown'`: whoever keeps a journal undoes it later, by name and write id.
    throw copyOf(lost, { applied: 'unknown', cause: new AggregateError([lost, error], 'No answer, twice.') });
  }
}

/** The object at `name`, if that write made it. */
export async function writtenBy(
  backend: Backend,
  name: ObjectName,
  writeId: WriteId,
  options: CallOptions = {},
): Promise<ObjectInfo | undefined> {
  if (backend.findWrite) return backend.findWrite(name, writeId, options);
  const info = await backend.info(name, options);
  return info?.writeId === writeId ? info : undefined;
}

function copyOf(
  error: FieldFileError,
  changes: Pick<FieldFileError, 'applied'> & { readonly cause: unknown },
): FieldFileError {
  const { code, message, operation, storage, objectName: name, field, retryable, retryAfterSeconds } = error;
  const known = { operation, storage, name, field, retryable, retryAfterSeconds };
  return new FieldFileError(code, message, { ...known, ...changes });
}
