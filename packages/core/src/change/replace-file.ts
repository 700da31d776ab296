import { FieldFileError } from '@fieldfile/storage';
import type { FileContent, SaveOptions } from '../field/field-file.ts';
import type { FileState } from '../field/file-state.ts';
import { inspected } from '../field/inspected.ts';
import { requireName } from '../field/is-handle.ts';
import { checkSaveOptions, namedContent } from '../field/named-content.ts';
import { offeredContent } from '../field/shown-content.ts';
import { releaseSnapshot } from '../field/snapshot.ts';
import { requireVouched } from '../field/vouched-name.ts';
import { operate, owningContent } from './operate.ts';

/** `handle.replace`: other bytes under the same name, and the columns that describe them. No rollback brings the old back. */
export function replaceFile(handle: FileState, content: FileContent, options: SaveOptions): Promise<void> {
  return owningContent(content, async () => {
    checkSaveOptions(handle.field.label, 'replace', options);
    const offered = offeredContent(content, {}, handle.field.label);
    await operate(handle, 'replace', async owner => {
      const name = requireName(handle, 'replace');
      requireVouched(handle, 'replace');
      if (name === handle.field.default) throw sharedDefault(handle, name);
      refuseUndoable(handle, name);
      const given = namedContent(
        offered.content,
        { ...offered.options, name, ...options },
        handle.field.rules,
      );
      const named = given.claim ? await inspected(given, options) : given;
      await owningContent(named.from, async () => {
        const { replaceWith } = await import('./replace-with.ts'); // seldom used
        await replaceWith(handle, owner, name, named, options);
      });
    }).finally(() => releaseSnapshot(offered.content, handle.field.model.binding));
  });
}

/** @throws before anything is read, where a rollback, or another assignment, would leave other bytes than the row tells of. */
function refuseUndoable({ field, pending }: FileState, name: string): void {
  const about = { operation: 'replace', storage: field.storage.id, name, field: field.label };
  if (field.model.binding?.scope?.())
    throw new FieldFileError(
      'unsupported',
      `${field.label} cannot be replaced in a transaction: a rollback would not bring the old bytes back. Use save, which ` +
        'stores another object, or replace the file outside of the transaction.',
      about,
    );
  if (pending)
    throw new FieldFileError(
      'invalid-argument',
      `${field.label} has a file that its row does not name yet (${JSON.stringify(name)}): save the row first, or assign ` +
        'another file.',
      about,
    );
}

const sharedDefault = ({ field }: FileState, name: string): FieldFileError =>
  new FieldFileError(
    'invalid-argument',
    `${JSON.stringify(name)} is the default of ${field.label}, which every row without a file shows: give this row one of its own by save().`,
    { operation: 'replace', storage: field.storage.id, name, field: field.label },
  );
