import { FieldFileError, type WriteId } from '@fieldfile/storage';
import { isObjectName } from '@fieldfile/storage/backend';
import { describe } from '@fieldfile/storage/internal';
import { undoStaged } from '../change/stage-file.ts';
import { isUpload, uploadId } from '../claim/claimed-object.ts';
import type { DeclaredField } from './declared-field.ts';
import { detachedFile, isOffered } from './detached-file.ts';
import type { StagedFile, StagedReference } from './field-file.ts';
import type { StoredContent } from './offered.ts';

/** What `field.stage` and `field.restage` give. */
export function stagedFile(field: DeclaredField, stored: StoredContent): StagedFile {
  const { storage, name, writeId, intent, description, untilMs } = stored;
  const [model, column] = [field.model.name, field.name];
  const staged: StagedReference = {
    ...{ model, field: column, storage: storage.id, name, writeId },
    ...description,
    untilMs,
    ...(intent && isUpload(stored, intent) ? { claim: intent } : {}),
  };
  const file = detachedFile({ kind: 'stored', stored }, `The staged file ${JSON.stringify(name)}`);
  const undo = async (): Promise<void> => {
    if (isOffered(file)) await undoStaged(field, stored);
  };
  return Object.defineProperties(file, {
    staged: { value: staged },
    undo: { value: undo },
    [Symbol.asyncDispose]: { value: undo },
  }) as StagedFile;
}

/** @throws `invalid-argument`, `unsupported`: see `FileField.restage`. */
export function storedContent(field: DeclaredField, reference: StagedReference): StoredContent {
  const about = { operation: 'restage', field: field.label };
  const refuse = (code: 'invalid-argument' | 'unsupported', message: string): never => {
    throw new FieldFileError(code, message, about);
  };
  if (!field.model.binding?.journal)
    refuse(
      'unsupported',
      `${field.label} has no journal, which alone can tell whether a row has a staged file already: give its binding one (restage).`,
    );
  const given: Partial<Record<keyof StagedReference, unknown>> = isRecord(reference) ? reference : {};
  const { storage } = field;
  if (given.model !== field.model.name || given.field !== field.name)
    refuse(
      'invalid-argument',
      `${field.label} was given ${isRecord(reference) ? `what was staged for ${given.model}.${given.field}` : describe(reference)} (restage): give what \`staged\` of its own staged file has.`,
    );
  if (given.storage !== storage.id && !storage.formerIds.includes(String(given.storage)))
    refuse(
      'invalid-argument',
      `What was staged for ${field.label} is on storage ${JSON.stringify(given.storage)}, and the field is on "${storage.id}" (restage).`,
    );
  const { name, writeId, sizeBytes, contentType, originalName, sha256, computed, untilMs, claim } = reference;
  const isWhole =
    isText(name) &&
    isObjectName(name) &&
    isText(writeId) &&
    isText(originalName) &&
    [contentType, sha256].every(value => value === null || isText(value)) &&
    (claim === undefined || writeId === uploadId(claim as WriteId)) &&
    Number.isSafeInteger(sizeBytes) &&
    isValues(computed) &&
    Number.isFinite(untilMs);
  if (!isWhole)
    refuse(
      'invalid-argument',
      `${field.label} was given a reference that is not whole (restage): give it as \`staged\` has it.`,
    );
  return {
    field: field.label,
    storage,
    name,
    writeId: writeId as WriteId,
    intent: (claim ?? writeId) as WriteId,
    description: { sizeBytes, contentType, originalName, sha256, computed },
    untilMs,
  };
}

const isValues = (computed: unknown): boolean =>
  computed === undefined ||
  (isRecord(computed) &&
    Object.values(computed).every(
      value => value === null || typeof value === 'string' || typeof value === 'number',
    ));

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null;
