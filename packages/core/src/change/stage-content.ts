import {
  FieldFileError,
  type ObjectWrite,
  type SaveObjectOptions,
  type Source,
  type Storage,
  type WriteId,
} from '@fieldfile/storage';
import { toSource } from '@fieldfile/storage/backend';
import { contentSize, disposing } from '@fieldfile/storage/internal';
import type { ComputedValues } from '../field/computed-columns.ts';
import { computedContent, computedOfObject } from '../field/computed-content.ts';
import type { DeclaredField } from '../field/declared-field.ts';
import type { SaveOptions } from '../field/field-file.ts';
import type { Assigned, FileState } from '../field/file-state.ts';
import { inspected, requireHarmless } from '../field/inspected.ts';
import { throughInspector } from '../field/inspecting.ts';
import type { NamedContent } from '../field/named-content.ts';
import { columnValues, describedBy } from '../field/row-columns.ts';
import { isSnapshot } from '../field/snapshot.ts';
import { withIntent } from './intent.ts';
import { owningContent } from './operate.ts';
import { StagedChange } from './staged-change.ts';

/**
 * Names content and stores it. The row is not written yet.
 *
 * @param again what is pending again after a rollback, where the content can be read again.
 */
export function stageContent(
  handle: FileState,
  owner: object | undefined,
  given: NamedContent,
  options: SaveOptions,
  again?: Assigned,
): Promise<StagedChange> {
  return owningContent(given.from, async () => {
    const { field } = handle;
    const row = field.needsRow ? (owner ?? (await reloadRow(handle, options))) : undefined;
    const { storage, content, write, computed, intent } = await storeContent(handle, row, given, options);
    return new StagedChange(handle, owner, {
      storage,
      values: columnValues(field, write.name, describedBy(content, write.info, computed)),
      write,
      intent,
      // A stream can be read once: after a rollback its content is gone.
      again: isSnapshot(content.from) || content.from.replayable ? again : undefined,
    });
  });
}

/** What was stored, and what is known of it. */
export interface StoredContent {
  /** The field's when it was stored: a function may give another one by now. */
  readonly storage: Storage;
  readonly content: NamedContent;
  readonly write: ObjectWrite;
  /** What the field computes of content. */
  readonly computed: ComputedValues | undefined;
  readonly intent: WriteId | undefined;
}

/**
 * Looks into content, names it and stores it, with an intent in the journal.
 *
 * @param row that `uploadTo` is given, where it asks for one.
 */
export function storeContent(
  target: Pick<FileState, 'field' | 'ref'>,
  row: object | undefined,
  given: NamedContent,
  options: SaveOptions,
): Promise<StoredContent> {
  return owningContent(given.from, async () => {
    const content = given.claim ? await inspected(given, options) : given;
    return owningContent(content.from, async () => {
      const { field } = target;
      const { storage } = field;
      const name = await field.objectName(row, content.originalName, storage);
      if (content.claim) requireHarmless(name, content);
      const { stored, intent } = await withIntent(target, storage, journaled =>
        store(storage, name, field, content, {
          ...storeOptions(field, content, options),
          ...journaled,
          maxLength: field.maxLength,
        }),
      );
      return { storage, content, ...stored, intent };
    });
  });
}

/** What core hands to the storage beside the name. */
export function storeOptions(
  field: DeclaredField,
  named: NamedContent,
  options: SaveOptions,
): SaveObjectOptions {
  const { maxSizeBytes } = field.rules;
  const { signal, onProgress } = options;
  return {
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
    ...(named.sizeBytes === undefined ? {} : { sizeBytes: named.sizeBytes }),
    ...(named.contentType === undefined ? {} : { contentType: named.contentType }),
    ...(maxSizeBytes === undefined ? {} : { maxSizeBytes }),
    ...(field.columns.digest === undefined ? {} : { digest: 'sha256' }),
  };
}

async function store(
  storage: Storage,
  name: string,
  field: DeclaredField,
  content: NamedContent,
  options: SaveObjectOptions,
): Promise<Pick<StoredContent, 'write' | 'computed'>> {
  const { from } = content;
  const { signal } = options;
  const call = signal ? { signal } : {};
  const create = async (
    whole: Source,
    given: SaveObjectOptions,
  ): Promise<Pick<StoredContent, 'write' | 'computed'>> => {
    const { source, values } = await computedContent(whole, field, content, call);
    const write = await storage.create(name, throughInspector(source, field, content), given);
    return { write, computed: values() };
  };
  if (!isSnapshot(from)) return create(from, options);
  // What it is computed of is what is copied: somebody may replace it in place meanwhile.
  const isCopied = from.storageId === storage.id && !field.inspector;
  const computed = isCopied ? await computedOfObject(from.storage, from.name, field, call) : undefined;
  if (from.replaced)
    throw new FieldFileError(
      'conflict',
      `The file ${JSON.stringify(from.name)} that was given to another row was replaced in place meanwhile: assign it again.`,
      { operation: 'copy', storage: from.storageId, name: from.name },
    );
  if (isCopied) return { write: await storage.createCopy(from.name, name, options), computed };
  const opened = await from.open(call);
  return disposing(opened, ({ stream: body, info }) =>
    create(toSource(body, { operation: 'copy', field: field.label }), { ...contentSize(info), ...options }),
  );
}

async function reloadRow(handle: FileState, { signal }: SaveOptions): Promise<object> {
  const { model, label } = handle.field;
  const { key } = handle.ref;
  const row = key && (await model.binding?.load(key, signal ? { signal } : {}));
  if (row) return row;
  throw new FieldFileError('conflict', `The row of ${label} is no more: nothing was stored.`, {
    operation: 'save',
    field: label,
  });
}
