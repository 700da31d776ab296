import {
  type Bytes,
  type CallOptions,
  FieldFileError,
  type OpenedObject,
  type Storage,
} from '@fieldfile/storage';
import type { Content, SaveOptions } from './field-file.ts';
import type { Handle } from './handle.ts';
import { HeldObject } from './held-object.ts';
import { isHandle } from './is-handle.ts';
import type { ModelInfo } from './model.ts';
import type { NamedContent } from './named-content.ts';
import type { OfferedContent } from './pending.ts';

const SNAPSHOT: unique symbol = Symbol.for('@fieldfile/core/snapshot');

/**
 * The object that another row's file showed when it was assigned, to be copied. It is not removed in this process while
 * anything reaches the snapshot: see {@link HeldObject}.
 */
export class Snapshot extends HeldObject {
  readonly storage: Storage;

  constructor(storage: Storage, name: string) {
    super(storage.id, name);
    this.storage = storage;
  }

  open(options: CallOptions & { readonly endExclusive?: number }): Promise<OpenedObject> {
    return this.storage.open(this.name, options);
  }
}

Object.defineProperty(Snapshot.prototype, SNAPSHOT, { value: true });

/** Recognises a snapshot, also one of another installed copy. */
export function isSnapshot(value: unknown): value is Snapshot {
  return typeof value === 'object' && value !== null && SNAPSHOT in value;
}

/**
 * Lets go of content that will not be copied again, if it is another row's file. Removals that waited for it are awaited, but
 * not in a transaction: they may need its connection.
 */
export async function releaseSnapshot(content: unknown, binding: ModelInfo['binding']): Promise<void> {
  if (!isSnapshot(content)) return;
  const removals = content.release();
  if (!binding?.scope?.()) await removals;
}

/**
 * Content that is given to a field: where it is another row's file, what that shows now.
 *
 * @throws as {@link shownBy}; `no-file`.
 */
export function offeredContent(content: Content, options: SaveOptions, label: string): OfferedContent {
  if (!isHandle(content)) return { content: content as Bytes, options };
  const shown = shownBy(content, label);
  if (shown) return { content: shown.content, options: { ...shown.options, ...options } };
  throw new FieldFileError('no-file', `The file given to ${label} is empty: there is nothing to copy.`, {
    operation: 'save',
    field: label,
  });
}

/**
 * What a handle shows at this moment; undefined: no file. What was assigned to it and is not stored yet is shared, where it can be read twice.
 *
 * @param label of the field that is to take it, for messages.
 * @throws `invalid-argument` for a stream that waits to be stored, and for a file that is itself to be given up for another
 * row's: taking it on would lose it in silence.
 */
export function shownBy(handle: Handle, label: string): OfferedContent | undefined {
  const { change, field } = handle;
  if (change?.kind === 'content') return pendingContent(handle, change.content, label);
  const { name } = handle;
  return name === null ? undefined : { content: new Snapshot(field.storage, name), options: {} };
}

function pendingContent(
  { value, field }: Handle,
  { from, originalName, contentType, sizeBytes }: NamedContent,
  label: string,
): OfferedContent {
  const options = {
    name: originalName,
    ...(contentType === undefined ? {} : { contentType }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  };
  if (!isSnapshot(from)) {
    if (from.replayable) return { content: from, options };
    throw refused(
      `${label} was given ${field.label} while that waits for a stream to be stored, which can be read once: save that file first.`,
      label,
    );
  }
  if (value === null) return { content: new Snapshot(from.storage, from.name), options };
  throw refused(
    `${label} was given ${field.label}, which was itself given another row's file and is to lose its own (${JSON.stringify(value)}): ` +
      'take a snapshot before the first assignment, as in `const was = file(a.file.stored); a.file = b.file; b.file = was`, or save that row first.',
    label,
  );
}

const refused = (message: string, field: string): FieldFileError =>
  new FieldFileError('invalid-argument', message, { operation: 'set', field });
