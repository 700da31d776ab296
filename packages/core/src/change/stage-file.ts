import { FieldFileError } from '@fieldfile/storage';
import { isUpload, mayComeLate } from '../claim/claimed-object.ts';
import type { DeclaredField } from '../field/declared-field.ts';
import type { FileContent, StageOptions } from '../field/field-file.ts';
import type { Assigned, FileState } from '../field/file-state.ts';
import { checkStageOptions, namedContent } from '../field/named-content.ts';
import type { StoredContent } from '../field/offered.ts';
import { columnValues, describedBy } from '../field/row-columns.ts';
import { offeredContent } from '../field/shown-content.ts';
import { releaseSnapshot } from '../field/snapshot.ts';
import { KeyOnlyRef } from '../ownership/owner-ref.ts';
import { ObjectChange } from './object-change.ts';
import { owningContent } from './operate.ts';
import { storeContent } from './stage-content.ts';
import { StagedChange } from './staged-change.ts';

/** A day. */
const KEEP_SECONDS = 86_400;

/**
 * `field.stage`: stores content whose row is not known yet. With a journal its entry waits for a row until the time is
 * over; then recovery takes the object back.
 *
 * @throws `intent-lost` where recovery has taken it back meanwhile.
 */
export function stageFile(
  field: DeclaredField,
  content: FileContent,
  options: StageOptions,
): Promise<StoredContent> {
  return owningContent(content, async () => {
    const { keepSeconds = KEEP_SECONDS, ...saving } = options;
    checkStageOptions(field.label, options);
    if (field.needsRow) throw needsRow(field, 'stage');
    const offered = offeredContent(content, saving, field.label);
    const untilMs = Date.now() + keepSeconds * 1000;
    try {
      const given = namedContent(offered.content, offered.options, field.rules);
      const target = { field, ref: new KeyOnlyRef(undefined) };
      const stored = await storeContent(target, undefined, given, offered.options);
      const { storage, content: named, write, computed, intent } = stored;
      const { name, writeId, info } = write;
      const { journal } = field.model.binding ?? {};
      // Its entry ends soon then, and the object with it.
      if (intent && !(await journal?.handBack(intent, Math.max(0, untilMs - Date.now()))))
        throw lost(field, name);
      return {
        field: field.label,
        storage,
        name,
        writeId,
        intent,
        description: describedBy(named, info, computed),
        untilMs,
      };
    } finally {
      await releaseSnapshot(offered.content, field.model.binding);
    }
  });
}

/** Makes a staged file a row's, to be written in its transaction. @throws `intent-lost` where its time is over, or a row has it. */
export async function takeStaged(
  handle: FileState,
  owner: object | undefined,
  pending: Assigned & { readonly kind: 'stored' },
): Promise<StagedChange> {
  const { field } = handle;
  const { storage, name, writeId, intent, description, untilMs } = pending.stored;
  const { journal } = field.model.binding ?? {};
  if (intent && !(await journal?.resume(intent))) throw lost(field, name);
  return new StagedChange(handle, owner, {
    storage,
    values: columnValues(field, name, description),
    write: { name, writeId },
    intent,
    untilMs,
    lateUntilMs: lateUntilMs(pending.stored),
    again: pending,
  });
}

/** Takes back what no row has. */
export async function undoStaged(field: DeclaredField, stored: StoredContent): Promise<void> {
  const { storage, name, writeId, intent } = stored;
  const { journal } = field.model.binding ?? {};
  if (intent && !(await journal?.withdraw(intent))) return; // a row has it, or recovery was faster
  const write = { name, writeId };
  const change = { field, storage, write, intent, newName: name, oldName: null };
  await new ObjectChange({ ...change, lateUntilMs: lateUntilMs(stored) }).undo();
}

/** Until when a client may bring something beside the object that nobody asked for. */
const lateUntilMs = ({ storage, writeId, intent, untilMs, isAlone }: StoredContent): number =>
  !isAlone && isUpload({ writeId }, intent) && mayComeLate(storage) ? untilMs : 0;

export const needsRow = (field: DeclaredField, operation: 'stage' | 'claim'): FieldFileError =>
  new FieldFileError(
    'unsupported',
    `${field.label} cannot be ${operation}d: its uploadTo makes the path from the row, which is not known yet. Give uploadTo a folder, or save the file once there is a row.`,
    { operation, field: field.label },
  );

const lost = (field: DeclaredField, name: string): FieldFileError =>
  new FieldFileError(
    'intent-lost',
    `The staged file ${JSON.stringify(name)} is not there for ${field.label} any more: a row has it, or its time is over. Ask for it again.`,
    { operation: 'upload', field: field.label, name, applied: false },
  );
