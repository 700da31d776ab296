import type { CallOptions, ObjectWrite, Storage, WriteId } from '@fieldfile/storage';

/**
 * A claim has one entry in the journal and two writes: the one that holds the name has the entry's id, and the client's
 * upload, which takes its place, has an id of its own. Each is undone by what it is known by.
 */
export const uploadId = (claim: WriteId): WriteId => `${claim}-upload` as WriteId;

/** Whether a write is the upload of a claim. */
export const isUpload = (
  write: Pick<ObjectWrite, 'writeId'> | undefined,
  intent: WriteId | undefined,
): boolean => intent !== undefined && write?.writeId === uploadId(intent);

/** Below it stands how far uploads have come that are taken piece by piece. They end by the journal alone: sweeps do not look there. */
export const UPLOADS = 'fieldfile-uploads/';

/** The object that says how far such an upload has come. */
export const progressName = (claim: WriteId): string => `${UPLOADS}${claim}`;

/**
 * Takes back what held the name, the upload, and what may be beside it. First what says how far it came: nobody goes on with it.
 * What holds the name goes before the upload, which could take its place in between.
 */
export async function undoClaim(
  storage: Storage,
  name: string,
  claim: WriteId,
  options: CallOptions = {},
): Promise<void> {
  await storage.delete(progressName(claim), options);
  await storage.undo(name, claim, options);
  await storage.undo(name, uploadId(claim), options);
}

/** A row has the upload. */
export async function settleClaim(
  storage: Storage,
  name: string,
  claim: WriteId,
  options: CallOptions = {},
): Promise<void> {
  await storage.settle(name, uploadId(claim), options);
  await storage.settle(name, claim, options);
}

/** Whether a URL that was given out may bring something beside the object as long as it holds, which is then to go. */
export const mayComeLate = ({ backend }: Storage): boolean => backend.placeUpload !== undefined;

/** Removes what came beside the object of a row, once no URL can bring more. */
export async function removeLate(
  storage: Storage,
  name: string,
  claim: WriteId,
  options: CallOptions = {},
): Promise<void> {
  if (mayComeLate(storage)) await storage.undo(name, uploadId(claim), { ...options, keepObject: true });
}
