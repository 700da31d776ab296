import type { ObjectInfo, ObjectVersion, Source } from '@fieldfile/storage';
import {
  type Candidates,
  firstFree,
  type ObjectName,
  type ReplaceOptions,
  type WriteOptions,
} from '@fieldfile/storage/backend';
import { checkVersion, checkVersionIn } from './check-version.ts';
import { objectInfo } from './object-info.ts';
import { PendingObject, type UploadContext } from './pending-object.ts';
import { openFile, readChunks } from './read.ts';

/** Writes the whole object aside, then gives it the first name that is free: `link` refuses an occupied one atomically. */
export async function createObject(
  context: UploadContext,
  source: Source,
  names: Candidates,
  options: WriteOptions,
): Promise<ObjectInfo> {
  await context.leftovers.retry();
  const pending = await PendingObject.receive(context, source, options, names.first, true);
  try {
    const publish = async (name: ObjectName): Promise<ObjectInfo | undefined> =>
      (await pending.publish(name)) ? objectInfo(name, pending.stats) : undefined;
    return await firstFree(names, publish, options.signal);
  } catch (error) {
    await pending.undo(names.first);
    throw error;
  } finally {
    pending.close();
  }
}

/** Copies an object, by reflink or in the kernel where the system can be told which open file to copy. */
export async function copyObject(
  context: UploadContext,
  from: ObjectName,
  names: Candidates,
  options: WriteOptions & { readonly ifMatch?: ObjectVersion },
): Promise<ObjectInfo> {
  const { file, info } = await openFile(context.root, from, options.ifMatch);
  try {
    const { pathWhileOpen } = file;
    const source: Source = {
      sizeBytes: info.sizeBytes,
      replayable: true,
      open: () => readChunks(file, info.sizeBytes),
      ...(pathWhileOpen === undefined ? {} : { local: { path: pathWhileOpen, consume: false } }),
    };
    return await createObject(context, source, names, options);
  } finally {
    await file.close();
  }
}

/** Writes the whole object aside, then renames it over the old one. */
export async function replaceObject(
  context: UploadContext,
  name: ObjectName,
  source: Source,
  options: ReplaceOptions,
): Promise<ObjectInfo> {
  const { ifMatch } = options;
  if (ifMatch !== undefined) await checkVersion(context.root, name, ifMatch);
  await context.leftovers.retry();
  const pending = await PendingObject.receive(context, source, options, name, false);
  try {
    await pending.publishOver(
      name,
      ifMatch === undefined ? undefined : (folder, last) => checkVersionIn(folder, last, ifMatch),
    );
    return objectInfo(name, pending.stats);
  } catch (error) {
    await pending.undo(name);
    throw error;
  } finally {
    pending.close();
  }
}
