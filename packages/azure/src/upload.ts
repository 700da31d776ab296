import type { ObjectInfo, Source, WriteId } from '@fieldfile/storage';
import {
  type Candidates,
  type ObjectName,
  type ReplaceOptions,
  throwIfAborted,
  type UndoResult,
  type WriteOptions,
  withRetries,
} from '@fieldfile/storage/backend';
import { again } from './again.ts';
import type { AzureContext } from './context.ts';
import { copyOver } from './copy.ts';
import { isOtherVersion, isRefused, isTaken, withApplied } from './errors.ts';
import { etagOf } from './object-info.ts';
import { findOwn, ownWrite } from './own-write.ts';
import { Call } from './request.ts';
import { reserve } from './reservation.ts';
import { stagingKey } from './staging.ts';
import { Upload } from './transfer.ts';
import { takenBack, undoBlob } from './undo.ts';

/**
 * Content of up to one block is read, then sent in one request that the service refuses when the name is occupied. For
 * more the name is reserved first, so that nothing is sent or consumed for a name that others hold.
 */
export async function createBlob(
  context: AzureContext,
  source: Source,
  names: Candidates,
  options: WriteOptions,
): Promise<ObjectInfo> {
  const { settings } = context;
  const call = new Call({ signal: options.signal, operation: 'create', timeoutMs: settings.timeoutMs }, true);
  const upload = new Upload(context, call, source, options);
  let name = names.first;
  let isReserved = false;
  let mayBeLeft = false;
  try {
    const block = await upload.wholeBlock();
    for (;;) {
      try {
        mayBeLeft = true;
        let info: ObjectInfo;
        if (block) {
          info = await upload.put(name, block, { ifNoneMatch: '*' });
          upload.done(block.sizeBytes);
        } else {
          const etag = await reserve(context, call, name, options.writeId);
          isReserved = true;
          info = await upload.fill(name, { ifMatch: etag });
        }
        throwIfAborted(options.signal, 'create');
        return info;
      } catch (error) {
        if (isReserved || !isRefused(error)) throw isOtherVersion(error) ? context.takenAway(name) : error;
        // The first request under a name, and nothing came of it.
        mayBeLeft = false;
        if (!isTaken(error)) throw error;
        const own = block && (await ownWrite(context, call, name, options.writeId));
        if (own) return own;
        name = await names.next(name);
      }
    }
  } catch (error) {
    upload.stop();
    const failure = context.explain(call.explain(error), 'create', name);
    throw mayBeLeft ? await takenBack(context, failure, name, options.writeId) : failure;
  } finally {
    call.end();
  }
}

/**
 * One request, or (for what does not fit, or whose length nobody knows) an object aside that the service then copies
 * over the old one: blocks sent under the name itself could be discarded by another replace, and stay when this fails.
 */
export async function replaceBlob(
  context: AzureContext,
  source: Source,
  name: ObjectName,
  options: ReplaceOptions,
): Promise<ObjectInfo> {
  const { settings } = context;
  const { ifMatch, writeId, signal } = options;
  const call = new Call({ signal, operation: 'replace', timeoutMs: settings.timeoutMs }, true);
  const conditions = ifMatch === undefined ? {} : { ifMatch: etagOf(ifMatch) };
  const aside = stagingKey(writeId);
  const upload = new Upload(context, call, source, options);
  let isAside = false;
  /** The request that replaces it is on its way: those before it are about what is aside. */
  let isReplacing = false;
  try {
    const block = await upload.wholeBlock();
    if (block) {
      isReplacing = true;
      const info = await upload.put(name, block, conditions);
      upload.done(block.sizeBytes);
      return info;
    }
    // Asked before a large body is on its way: a refusal in the middle of one may be lost with the connection.
    if (ifMatch !== undefined)
      await call.ask(abortSignal => context.blob(name).getProperties({ abortSignal, conditions }));
    isReplacing = upload.isSingleShot;
    if (isReplacing) return await upload.fill(name, conditions);
    isAside = true;
    const etag = await reserve(context, call, aside, writeId);
    const staged = await upload.fill(aside, { ifMatch: etag });
    const attributes = context.attributes(name, options);
    const put = (): Promise<ObjectInfo> => copyOver(context, call, staged, name, attributes, conditions);
    isReplacing = true;
    return await again(context, call, name, put, () => findOwn(context, call, name, writeId));
  } catch (error) {
    // Half a body makes no object.
    const mayBeDone = isReplacing && call.isPatient && !isRefused(error);
    upload.stop();
    const failure = context.explain(call.explain(error), 'replace', name);
    throw withApplied(failure, mayBeDone ? 'unknown' : false);
  } finally {
    call.end();
    if (isAside) await removeAside(context, aside, writeId);
  }
}

/** Twice, as the connection may break. What is left then, `undo` finds: the write's own outcome is what counts. */
async function removeAside(context: AzureContext, aside: ObjectName, writeId: WriteId): Promise<void> {
  const remove = (): Promise<UndoResult> =>
    undoBlob(context, aside, writeId).catch(error => {
      throw context.explain(error, 'undo', aside);
    });
  await withRetries(remove, { attempts: 2 }, undefined).catch(() => {});
}
