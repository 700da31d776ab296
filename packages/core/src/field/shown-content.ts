import { type Content, FieldFileError } from '@fieldfile/storage';
import type { FileContent, SaveOptions } from './field-file.ts';
import type { FileState } from './file-state.ts';
import { isHandle } from './is-handle.ts';
import type { NamedContent } from './named-content.ts';
import type { OfferedContent } from './offered.ts';
import { isSnapshot, Snapshot } from './snapshot.ts';

/**
 * Content that is given to a field: where it is another row's file, what that shows now.
 *
 * @throws as {@link shownBy}; `no-file`.
 */
export function offeredContent(content: FileContent, options: SaveOptions, label: string): OfferedContent {
  if (!isHandle(content)) return { content: content as Content, options };
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
export function shownBy(handle: FileState, label: string): OfferedContent | undefined {
  const { change, field } = handle;
  if (change?.kind === 'content') return pendingContent(handle, change.content, label);
  if (change?.kind === 'stored')
    throw refused(
      `${label} was given ${field.label} while that waits to be its row's: save that row first, or stage the file twice.`,
      label,
    );
  const { name } = handle;
  return name === null ? undefined : { content: new Snapshot(field.storage, name), options: {} };
}

function pendingContent(
  { value, field }: FileState,
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
