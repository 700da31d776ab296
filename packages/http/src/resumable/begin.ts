import type { AnyFileField } from '@fieldfile/core';
import {
  type BeginUploadOptions,
  type BegunUpload,
  beginUpload,
  endUpload,
  partLimits,
  type UploadInPieces,
} from '@fieldfile/core/resumable';
import { reported } from '@fieldfile/storage/internal';
import { requirePossible } from './part-sizes.ts';
import type { Progress } from './progress.ts';
import { createProgress } from './progress-object.ts';

/** What is kept of an upload from its beginning. */
export type Beginning = Pick<Progress, 'sizeBytes' | 'details'>;

/** Holds a name, and writes down that nothing has come yet. A failure leaves nothing. */
export async function begin(
  field: AnyFileField,
  options: BeginUploadOptions,
  beginning: Beginning,
): Promise<Pick<BegunUpload, 'token'> & { readonly upload: UploadInPieces; readonly progress: Progress }> {
  requirePossible(partLimits(field), beginning.sizeBytes);
  const { upload, token, write } = await beginUpload(field, options);
  try {
    const { progress } = await createProgress(upload, {
      ...{ ...beginning, write, offset: 0, parts: [], tail: new Uint8Array(), nextPart: 1, epoch: 0 },
      ...{ isHeld: false, isComplete: false },
    });
    return { upload, token, progress };
  } catch (error) {
    await reported(async () => void (await endUpload(field, upload)));
    throw error;
  }
}
