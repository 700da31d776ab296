import type { AnyFileField, StagedFile } from '@fieldfile/core';
import { FieldFileError, isFieldFileError } from '@fieldfile/storage';
import { reported } from '@fieldfile/storage/internal';

const fieldOf = new WeakMap<StagedFile, AnyFileField>();

/** They wait for the form to come again. */
const kept = new WeakSet<StagedFile>();

/** Leaves a file for the rest of its time, whatever its request did not use. */
export const keepFile = (file: StagedFile): void => void kept.add(file);

/** The files that one request has brought. */
export class StagedFiles {
  readonly #files: StagedFile[] = [];

  get count(): number {
    return this.#files.length;
  }

  add(field: AnyFileField, file: StagedFile): void {
    fieldOf.set(file, field);
    this.#files.push(file);
  }

  /** Takes back what no row has. What fails is reported, and left to recovery. */
  async undo(): Promise<void> {
    for (const file of this.#files.splice(0)) if (!kept.has(file)) await reported(() => undoUnused(file));
  }
}

/** With a journal, that tells whether a row has it. Without, what was assigned is taken for used. */
async function undoUnused(file: StagedFile): Promise<void> {
  await (restaged(file) ?? file).undo();
}

function restaged(file: StagedFile): StagedFile | undefined {
  try {
    return fieldOf.get(file)?.restage(file.staged);
  } catch (error) {
    if (isFieldFileError(error, 'unsupported')) return undefined;
    throw error;
  }
}

/** @throws `unsupported` where no journal could tell whether a row has the file already. */
export function requireJournal(file: StagedFile): void {
  if (!fieldOf.has(file) || restaged(file)) return;
  throw new FieldFileError(
    'unsupported',
    'A file can wait for a form to come again where its field has a journal.',
    {
      operation: 'formToken',
    },
  );
}
