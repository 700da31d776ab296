import { type CallOptions, FieldFileError } from '@fieldfile/storage';
import type { Assigned, FileState } from '../field/file-state.ts';
import { handlesOf } from '../ownership/owner-record.ts';
import { pinned } from '../ownership/pin.ts';
import { adopt } from './adopt.ts';
import { clearedValues } from './delete-file.ts';
import { operate } from './operate.ts';
import { stageContent } from './stage-content.ts';
import { takeStaged } from './stage-file.ts';
import { StagedChange } from './staged-change.ts';

export interface UploadOptions extends CallOptions {
  /** Files stored at a time. Default: 4. */
  readonly concurrency?: number;
}

/**
 * Stores what was assigned to these rows, before a transaction begins, and shows the new names in the rows. The rows are
 * then the caller's, or the ORM's, to write. Rejects with the first failure once everything under way has settled; what
 * was stored stays staged, so that a second call goes on with the rest. A stream that failed is let go of: assign another.
 *
 * @example
 * ```ts
 * import { type FieldFile, file, upload } from '@fieldfile/core';
 *
 * export async function publish(photo: { image: FieldFile }, bytes: Blob): Promise<void> {
 *   photo.image = file(bytes, 'me.png');
 *   await upload(photo);
 * }
 * ```
 */
export async function upload(rows: object | readonly object[], options: UploadOptions = {}): Promise<void> {
  await uploadAll(rows, options, waitingIn(rows));
}

/** As {@link upload}, for a call that writes the rows as well: what it stored is undone when it cannot store the rest. */
export async function uploadOrUndo(rows: readonly object[]): Promise<void> {
  const waiting = waitingIn(rows);
  if (waiting.length === 0) return; // most updates: on the path of every statement
  try {
    await uploadAll(rows, {}, waiting);
  } catch (error) {
    for (const { change } of waiting) {
      if (change?.kind !== 'staged' || change.change.isWritten) continue;
      change.change.restore();
      await change.change.rolledBack();
    }
    throw error;
  }
}

/** The handles with something to store. */
function waitingIn(rows: object | readonly object[]): FileState[] {
  const waiting: FileState[] = [];
  for (const row of Array.isArray(rows) ? rows : [rows])
    for (const handle of handlesOf(row))
      if (handle.change !== undefined && handle.change.kind !== 'staged') waiting.push(handle);
  return waiting;
}

async function uploadAll(
  rows: object | readonly object[],
  { concurrency = 4, ...call }: UploadOptions,
  handles: readonly FileState[],
): Promise<void> {
  if (!Number.isSafeInteger(concurrency) || concurrency < 1)
    throw new FieldFileError(
      'invalid-argument',
      `concurrency must be a whole number from 1, not ${concurrency}.`,
      { operation: 'upload' },
    );
  const waiting = handles.values();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const handle of waiting) {
      if (failures.length > 0) return;
      await stage(handle, call).catch(error => failures.push(error));
    }
  };
  await pinned(rows, () => Promise.all(Array.from({ length: concurrency }, worker)));
  if (failures.length > 0) throw failures[0];
}

/** Makes a pending change a staged one. Without a binding it is final at once, since nobody will say that it is. */
function stage(handle: FileState, options: CallOptions): Promise<void> {
  return operate(handle, 'upload', async owner => {
    const pending = handle.change;
    if (!pending || pending.kind === 'staged') return;
    const change = await stagedChange(handle, owner, pending, options);
    change.storedIn(handle.field.model.binding?.scope?.());
    change.apply(owner);
    if (!handle.field.model.binding) await change.committed();
  });
}

/** Makes a file that is to be cleared a staged change: there is nothing to store. */
export function stageCleared(handle: FileState, owner: object, pending: Assigned): void {
  cleared(handle, owner, pending).apply(owner);
}

const cleared = (handle: FileState, owner: object | undefined, again: Assigned): StagedChange =>
  new StagedChange(handle, owner, { storage: handle.field.storage, values: clearedValues(handle), again });

async function stagedChange(
  handle: FileState,
  owner: object | undefined,
  pending: Assigned,
  options: CallOptions,
): Promise<StagedChange> {
  if (pending.kind === 'content') return stageContent(handle, owner, pending.content, options, pending);
  if (pending.kind === 'stored') return takeStaged(handle, owner, pending);
  const { storage, name } = handle.field;
  const values = clearedValues(handle);
  if (pending.kind === 'none') return cleared(handle, owner, pending);
  const { intent, computed } = await adopt(handle, storage, pending.name, options);
  return new StagedChange(handle, owner, {
    storage,
    values: { ...values, ...computed, [name]: pending.name },
    intent,
    again: pending,
  });
}
