import { type Content, FieldFileError, type Source } from '@fieldfile/storage';
import { contentTypeOf, hasOnly, knownOptions, toSource } from '@fieldfile/storage/backend';
import { describe, isLocalFile } from '@fieldfile/storage/internal';
import { cleanUploadName } from '@fieldfile/storage/names';
import { approvedType, type Claim } from './approved-type.ts';
import type { SaveOptions, StageOptions } from './field-file.ts';
import { isSnapshot, type Snapshot } from './snapshot.ts';

/** What is known of content before a byte of it is read. */
export interface DescribedContent {
  /** What the client called it, without folders: the last part of what `uploadTo` makes. */
  readonly originalName: string;
  readonly contentType: string | undefined;
  readonly sizeBytes: number | undefined;
  /** What its bytes are still to be held against, where the field has an `accept` list. */
  readonly claim: Claim | undefined;
}

/** Content with what is known of it. */
export interface NamedContent extends DescribedContent {
  /** Bytes to send, or another row's file to copy. */
  readonly from: Source | Snapshot;
}

export interface ContentRules {
  /** `model.field`, for messages. */
  readonly label: string;
  readonly accept: readonly string[] | undefined;
  readonly maxSizeBytes: number | undefined;
}

/** @throws `invalid-argument` for an option that there is not. */
export function checkSaveOptions(field: string, operation: 'save' | 'replace', options: SaveOptions): void {
  const known = operation === 'save' ? SAVE_OPTIONS : REPLACE_OPTIONS;
  if (!hasOnly(options, known)) knownOptions(options, known, { what: operation, operation, field });
}

/** @throws `invalid-argument` for an option that there is not, or a time that is none. */
export function checkStageOptions(field: string, options: StageOptions): void {
  const about = { what: 'stage', operation: 'stage', field };
  if (!hasOnly(options, STAGE_OPTIONS)) knownOptions(options, STAGE_OPTIONS, about);
  const { keepSeconds } = options;
  if (keepSeconds === undefined || (Number.isFinite(keepSeconds) && keepSeconds > 0)) return;
  throw new FieldFileError(
    'invalid-argument',
    `keepSeconds of ${field} must be a number of seconds above 0, not ${keepSeconds}.`,
    { operation: 'stage', field },
  );
}

const REPLACE_OPTIONS = ['contentType', 'sizeBytes', 'signal', 'onProgress'] as const;
const SAVE_OPTIONS = ['name', ...REPLACE_OPTIONS] as const;
const STAGE_OPTIONS = [...SAVE_OPTIONS, 'keepSeconds'] as const;

/**
 * Checks content against the field's rules.
 *
 * @throws `invalid-argument` for what is no content or has no name, `no-file` for a file input that was left empty,
 * `content-consumed`, `suspicious-name`, `not-accepted`, `too-large`.
 */
export function namedContent(
  content: Content | Snapshot,
  options: SaveOptions,
  rules: ContentRules,
): NamedContent {
  const context = { operation: 'save', field: rules.label };
  if (isEmptyInput(content))
    throw new FieldFileError(
      'no-file',
      `The file given to ${rules.label} has no name and no bytes, as a browser sends it where none was chosen: ask for its size first, or assign it, which leaves the row's file as it is.`,
      context,
    );
  const from = isSnapshot(content) ? content : toSource(content, context);
  const sizeBytes = options.sizeBytes ?? (isSnapshot(from) ? undefined : from.sizeBytes);
  const name: unknown = options.name ?? nameOf(content);
  const contentType = options.contentType ?? ownType(content);
  return { from, ...describedContent({ name, contentType, sizeBytes }, rules) };
}

/**
 * Checks what is said of content against the field's rules.
 *
 * @throws `invalid-argument` without a name, `suspicious-name`, `not-accepted`, `too-large`.
 */
export function describedContent(
  given: {
    readonly name: unknown;
    readonly contentType?: string | undefined;
    readonly sizeBytes?: number | undefined;
  },
  rules: ContentRules,
): DescribedContent {
  const { sizeBytes } = given;
  const declaredType = given.contentType || undefined; // a browser's `File` of a type that it does not know has ''
  const originalName = fileName(given.name, rules);
  const { label, accept } = rules;
  const claim = accept && { label, accept, filename: originalName, declaredType };
  const contentType = claim ? approvedType(claim) : (declaredType ?? contentTypeOf(originalName));
  if (sizeBytes !== undefined && rules.maxSizeBytes !== undefined && sizeBytes > rules.maxSizeBytes)
    throw new FieldFileError(
      'too-large',
      `${rules.label} takes at most ${rules.maxSizeBytes} bytes; ${JSON.stringify(originalName)} has ${sizeBytes}.`,
      { operation: 'save', field: label, name: originalName },
    );
  return { originalName, contentType, sizeBytes, claim };
}

/** What a browser sends for an `<input type=file>` that nobody touched: a file of no name and no bytes. */
export function isEmptyInput(content: unknown): boolean {
  return (
    content instanceof Blob && content.size === 0 && (content as { readonly name?: unknown }).name === ''
  );
}

/** What the client or the program calls the file, whichever said it: its base name, as in Django. `uploadTo` makes folders. */
function fileName(given: unknown, rules: ContentRules): string {
  const context = { operation: 'save', field: rules.label };
  if (given === undefined)
    throw new FieldFileError(
      'invalid-argument',
      `The content given to ${rules.label} has no name: pass one, as in save(content, { name: 'report.pdf' }).`,
      context,
    );
  if (typeof given !== 'string')
    throw new FieldFileError(
      'invalid-argument',
      `${rules.label}: a file's name must be text, not ${describe(given)}: pass one, as in save(content, { name: 'report.pdf' }).`,
      context,
    );
  const name = cleanUploadName(given);
  if (name !== undefined) return name;
  throw new FieldFileError(
    'suspicious-name',
    `No file name can be made of ${JSON.stringify(given)} (${rules.label}): pass { name }.`,
    { ...context, name: given },
  );
}

function nameOf(content: Content | Snapshot): string | undefined {
  if (isSnapshot(content)) return content.name;
  return isLocalFile(content) || isNamedFile(content) ? content.name : undefined;
}

function ownType(content: Content | Snapshot): string | undefined {
  const type = (content as { readonly type?: unknown } | null)?.type;
  return content instanceof Blob && typeof type === 'string' && type !== '' ? type : undefined;
}

const isNamedFile = (content: Content | Snapshot): content is File =>
  content instanceof Blob && typeof (content as { readonly name?: unknown }).name === 'string';
