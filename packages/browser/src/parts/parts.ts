import type { Claim, PartsClaim, SentPart } from '../claim/claim.ts';
import { CLAIMS, put } from '../claim/whole.ts';
import { attempts } from '../control/attempts.ts';
import { again } from '../errors/again.ts';
import { UploadError } from '../errors/upload-error.ts';
import type { Context } from '../upload/context.ts';
import type { ClaimedUploadOptions, Uploaded } from '../upload/options.ts';
import { type KeptClaim, partsOf } from './kept-claim.ts';
import { LostClaim, PartsServer } from './parts-server.ts';
import { inTurn } from './slots.ts';

/** Parts of one file that are sent at once. */
const AT_ONCE = 4;

/** What a storage answers to a URL that is over, also by a clock that goes otherwise: it is signed again, so often. */
const REFUSED: readonly number[] = [400, 401, 403, 409, 412];
const SIGNATURES = 3;

interface Claims {
  /** Of before a reload, or new. */
  readonly first: PartsClaim;
  readonly kept: KeptClaim | undefined;
  claim(): Promise<Claim | PartsClaim>;
}

/**
 * Uploads in parts, several at once, straight to the storage. What of a claim of before is stored, the server is asked. If the
 * claim is over, the file is claimed anew.
 */
export async function uploadInParts(
  context: Context,
  options: ClaimedUploadOptions,
  { first, kept, claim }: Claims,
): Promise<Uploaded> {
  const parts = partsOf(options);
  if (!parts) throw new TypeError('`claim` gave a claim in parts: `parts` must say who signs them.');
  let current: PartsClaim = first;
  for (let claims = 1; ; claims++) {
    const server = new PartsServer(context, parts, current);
    const isNew = current !== kept?.claim;
    if (isNew) await kept?.keep(current);
    try {
      const sent = await sendParts(context, current, server, isNew);
      const { control, file, patience } = context;
      const token = await attempts(control, file, patience, signal => server.completed(sent, signal));
      await kept?.forget();
      return { token };
    } catch (error) {
      // Given up, or of a file that is there no more: nobody will go on with it.
      const isOver =
        context.control.isAborted || (error instanceof UploadError && error.code === 'file-changed');
      if (isOver) server.end();
      if (isOver || error instanceof LostClaim) await kept?.forget();
      if (!(error instanceof LostClaim) || claims === CLAIMS) throw error;
      const another = await claim();
      if ('upload' in another) throw error;
      current = another;
    }
  }
}

/** @returns the parts that were sent now, and whose `ETag` the page may read. */
async function sendParts(
  context: Context,
  { partCount }: PartsClaim,
  server: PartsServer,
  isNew: boolean,
): Promise<readonly SentPart[]> {
  const { control, file, patience } = context;
  const stored = isNew ? new Set() : await attempts(control, file, patience, signal => server.stored(signal));
  const waiting = Array.from({ length: partCount }, (_, index) => index + 1).filter(one => !stored.has(one));
  const missing = new Set(waiting);
  const sent: SentPart[] = [];
  let storedBytes = file.size - waiting.reduce((sum, number) => sum + server.part(number).size, 0);
  control.confirm(storedBytes);
  const stop = new AbortController();
  const work = async (): Promise<void> => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      const tag = await sendPart(context, server, number, missing, stop.signal);
      if (tag !== null) sent.push({ number, receipt: server.receipt(number, tag) });
      missing.delete(number);
      storedBytes += server.part(number).size;
      control.confirm(storedBytes);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return sent;
  } finally {
    stop.abort(); // of the others, where one has failed
  }
}

function sendPart(
  context: Context,
  server: PartsServer,
  number: number,
  missing: Iterable<number>,
  stop: AbortSignal,
): Promise<string | null> {
  const { control, file, patience } = context;
  let signatures = 0;
  const send = (running: AbortSignal): Promise<string | null> => {
    const signal = AbortSignal.any([running, stop]);
    return inTurn(signal, async () => {
      try {
        const request = await server.signed(number, missing, signal);
        return await put(context, request, server.part(number), signal);
      } catch (error) {
        server.drop(number);
        if (!(error instanceof UploadError) || error instanceof LostClaim) throw error;
        const { status = 0 } = error;
        if (status === 404) throw new LostClaim(error);
        if (!REFUSED.includes(status) || ++signatures === SIGNATURES) throw error;
        throw again(error, true);
      }
    });
  };
  // What the other parts bring is no reason to go on with one that fails.
  return attempts(control, file, patience, send, () => 0);
}
