import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { isFieldFileError, type ObjectInfo, type Source } from '@fieldfile/storage';
import {
  type Candidates,
  firstFree,
  KeptBeginning,
  type ObjectName,
  type ReplaceOptions,
  type WriteOptions,
  withRetries,
} from '@fieldfile/storage/backend';
import type { Waiting } from './conditions.ts';
import { lostReservation, notTakenBack, otherVersion, unsupported } from './errors.ts';
import { putParts } from './multipart.ts';
import { MEBIBYTE } from './options.ts';
import { type Part, partsOf, wholeOf } from './parts.ts';
import { type Reservation, reserve } from './reservation.ts';
import { Stop } from './stop.ts';
import { undo } from './undo.ts';
import {
  type Condition,
  NameTaken,
  NOBODY_HAS_IT,
  Progress,
  putKept,
  putPart,
  putStream,
  type Target,
  type WriteContext,
} from './write.ts';

/** Content up to this size is taken into memory even where it could be read again: its checksum then goes ahead of it. */
const GATHERED_BYTES = MEBIBYTE;

/** Most parts of one upload. */
const MAX_PARTS = 10_000;

/**
 * Creates an object. What can be sent again is sent with the condition that the name is free. What cannot, and is
 * larger than a part, goes over a reservation, so that an occupied name is met before a byte is consumed.
 */
export async function createObject(
  context: WriteContext,
  source: Source,
  names: Candidates,
  options: WriteOptions,
): Promise<ObjectInfo> {
  await requireConditions(context, { operation: 'create', name: names.first, signal: options.signal });
  const progress = new Progress(options, source.sizeBytes);
  const to = (name: ObjectName, condition: Condition): Target => ({
    operation: 'create',
    name,
    condition,
    options,
    progress,
  });

  if (isReplayable(source) && source.sizeBytes > GATHERED_BYTES && source.sizeBytes <= context.maxPutBytes) {
    const { sizeBytes } = source;
    return firstFree(names, async name => {
      if (sizeBytes > context.partSizeBytes && (await isTaken(context, to(name, {})))) return undefined;
      return ifFree(
        putStream(context, to(name, NOBODY_HAS_IT), { sizeBytes, open: signal => source.open(signal) }),
      );
    });
  }

  const { sizeBytes } = source;
  const putWhole = (part: Part): Promise<ObjectInfo> =>
    firstFree(names, name => ifFree(putPart(context, to(name, NOBODY_HAS_IT), part)));
  if (sizeBytes !== undefined && sizeBytes <= context.partSizeBytes)
    return putWhole(await wholeOf(source, options.signal));
  using content = new Content(source, partSizeOf(context, sizeBytes), options.signal);
  if (sizeBytes === undefined) {
    const part = await content.onlyPart();
    // Awaited, here and below: the content is let go when this function ends.
    if (part) return await putWhole(part);
  }
  const reservation = await reserve(context, names, { operation: 'create', options });
  return await overReservation(context, reservation, to, target => content.send(context, target));
}

/** Replaces an object, or creates it: S3 shows the old content until the new one is whole. */
export async function replaceObject(
  context: WriteContext,
  name: ObjectName,
  source: Source,
  { ifMatch, ...options }: ReplaceOptions,
): Promise<ObjectInfo> {
  const { sizeBytes } = source;
  const condition: Condition = ifMatch === undefined ? {} : { IfMatch: ifMatch };
  const progress = new Progress(options, sizeBytes);
  const target: Target = { operation: 'replace', name, condition, options, progress };
  const call = { operation: 'replace', name, signal: options.signal };
  const requires = async (write: 'putIfMatch' | 'complete'): Promise<void> => {
    if (ifMatch !== undefined && !(await context.conditions.keeps(write, call)))
      throw await noConditions(context, call, write);
  };
  try {
    // Also where it will go in parts: a server that keeps no condition here keeps none there.
    await requires('putIfMatch');
    if (sizeBytes !== undefined && sizeBytes <= GATHERED_BYTES)
      return await putPart(context, target, await wholeOf(source, options.signal));
    using content = new Content(source, partSizeOf(context, sizeBytes), options.signal);
    if (sizeBytes === undefined) {
      const part = await content.onlyPart();
      if (part) return await putPart(context, target, part);
    }
    if (!content.fitsOnePut(context)) await requires('complete');
    return await content.send(context, target);
  } catch (error) {
    // With a condition, S3 says of an object that is gone that it is not there.
    if (ifMatch !== undefined && isFieldFileError(error, 'not-found') && error.objectName === name)
      throw otherVersion({ ...context.connection.context({ operation: 'replace', name }) }, error);
    throw error;
  }
}

const isReplayable = (source: Source): source is Source & { readonly sizeBytes: number } =>
  source.replayable && source.sizeBytes !== undefined;

const partSizeOf = ({ partSizeBytes }: WriteContext, sizeBytes = 0): number =>
  Math.max(partSizeBytes, Math.ceil(sizeBytes / MAX_PARTS));

/** Worth a question before megabytes go in vain. Whoever must not ask finds out by them. */
async function isTaken({ connection }: WriteContext, { operation, name, options }: Target): Promise<boolean> {
  const call = { operation, name, signal: options.signal };
  const command = new HeadObjectCommand({ Bucket: connection.bucket, Key: name });
  try {
    return (await connection.sendIfThere(command, call)) !== undefined;
  } catch (error) {
    if (isFieldFileError(error, 'permission')) return false;
    throw error;
  }
}

/** What was written, or undefined when the name was occupied. */
async function ifFree(writing: Promise<ObjectInfo>): Promise<ObjectInfo | undefined> {
  try {
    return await writing;
  } catch (error) {
    if (error instanceof NameTaken) return undefined;
    throw error;
  }
}

/** Lets `send` put the object over what holds its name; failing that, takes back both. */
export async function overReservation(
  context: WriteContext,
  { name, version }: Reservation,
  to: (name: ObjectName, condition: Condition) => Target,
  send: (target: Target) => Promise<ObjectInfo>,
): Promise<ObjectInfo> {
  const target = to(name, { IfMatch: version });
  try {
    return await send(target);
  } catch (error) {
    if (isFieldFileError(error) && error.applied === 'unknown') throw error; // it may be there, whole
    const takeBack = (): Promise<unknown> =>
      undo(context, name, target.options.writeId, { uploadIsGone: true });
    await withRetries(takeBack, context.retry, undefined).catch(left => {
      throw notTakenBack(error, left);
    });
    if (isFieldFileError(error, 'precondition', 'not-found') && error.objectName === name)
      throw lostReservation(context.connection.context(target), error);
    throw error;
  }
}

/** @throws `unsupported` where the server would overwrite silently. */
export async function requireConditions(
  context: WriteContext,
  call: Waiting & { readonly name: ObjectName },
): Promise<void> {
  if (!(await context.conditions.keeps('put', call))) throw await noConditions(context, call, 'put');
}

async function noConditions(
  { connection, conditions }: WriteContext,
  call: Waiting & { readonly name: ObjectName },
  write: 'put' | 'putIfMatch' | 'complete',
): Promise<Error> {
  const what = (await conditions.keeps('put', call)) ? MISSING[write] : MISSING.put;
  return unsupported(what, connection.context(call));
}

const MISSING = {
  put: 'is on a server that ignores conditions, so nothing keeps it from overwriting: use replace() with names of your own, or another service (see the option conditionalWrites)',
  putIfMatch: 'is on a server that does not honour If-Match: leave out ifMatch',
  complete:
    'honours conditions on single uploads only: give the content a known length, or leave out ifMatch',
};

/** One content on its way: read once, cut into parts only where it has to be. */
class Content implements Disposable {
  readonly #source: Source;
  readonly #partSizeBytes: number;
  readonly #stop: Stop;
  #parts: AsyncGenerator<Part, void, undefined> | undefined;
  #first: Part | undefined;
  #kept: KeptBeginning | undefined;

  constructor(source: Source, partSizeBytes: number, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#partSizeBytes = partSizeBytes;
    this.#stop = new Stop(signal);
  }

  /** The content in memory, if it is no larger than a part. */
  async onlyPart(): Promise<Part | undefined> {
    this.#parts = partsOf(this.#source.open(this.#stop.signal), this.#partSizeBytes);
    const { value } = await this.#parts.next();
    this.#first = value ?? undefined;
    if (!this.#first?.isLast) return undefined;
    this.#source.hold?.(this.#first.chunks);
    return this.#first;
  }

  fitsOnePut({ maxPutBytes }: WriteContext): boolean {
    const { sizeBytes } = this.#source;
    return this.#first === undefined && sizeBytes !== undefined && sizeBytes <= maxPutBytes;
  }

  /** In one request where it fits, else in parts. */
  async send(context: WriteContext, target: Target): Promise<ObjectInfo> {
    const source = this.#source;
    const { sizeBytes = 0 } = source;
    if (this.fitsOnePut(context)) {
      if (source.replayable)
        return putStream(context, target, { sizeBytes, open: signal => source.open(signal) });
      this.#kept = new KeptBeginning(source.open(this.#stop.signal), context.partSizeBytes);
      return putKept(context, target, sizeBytes, this.#kept);
    }
    return putParts(context, target, this.#rest(), this.#stop);
  }

  [Symbol.dispose](): void {
    this.#stop[Symbol.dispose]();
    // Not awaited: it waits for the chunk that was asked for, which the signal has ended.
    void this.#parts?.return().catch(() => {});
    this.#kept?.close();
  }

  async *#rest(): AsyncGenerator<Part, void, undefined> {
    if (this.#first) yield this.#first;
    this.#first = undefined;
    this.#parts ??= partsOf(this.#source.open(this.#stop.signal), this.#partSizeBytes);
    yield* this.#parts;
  }
}
