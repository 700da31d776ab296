import type { Claim, PartsClaim, ResumableClaim, SentPart } from '../claim/claim.ts';
import { CLAIMS, put } from '../claim/whole.ts';
import { attempts } from '../control/attempts.ts';
import { UploadError } from '../errors/upload-error.ts';
import type { Context } from '../upload/context.ts';
import type { ClaimedUploadOptions, Uploaded } from '../upload/options.ts';
import { type KeptClaim, partsOf } from './kept-claim.ts';
import { LostClaim, meaningOf, PartsServer } from './parts-server.ts';
import { sendRest } from './session.ts';
import { inTurn } from './slots.ts';

/** Parts of one file that are sent at once. */
const AT_ONCE = 4;

/** What a storage answers to a URL that is over, also by a clock that goes otherwise: it is signed again, so often. */
const REFUSED: readonly number[] = [400, 401, 403, 409, 412];
const SIGNATURES = 3;

interface Claims {
  /** Of before a reload, or new. */
  readonly first: ResumableClaim;
  readonly kept: KeptClaim | undefined;
  claim(): Promise<Claim | ResumableClaim>;
}

/**
 * Uploads in parts, several at once, or to a session, straight to the storage. What of a claim of before is stored, the server is
 * asked. If the claim is over, the file is claimed anew.
 */
export async function uploadInParts(
  context: Context,
  options: ClaimedUploadOptions,
  { first, kept, claim }: Claims,
): Promise<Uploaded> {
  const parts = partsOf(options);
  if (!parts) throw new TypeError('`claim` gave a claim in parts: `parts` must say who signs them.');
  let current: ResumableClaim = first;
  for (let claims = 1; ; claims++) {
    const server = new PartsServer(context, parts, current);
    const isNew = current !== kept?.claim;
    if (isNew) await kept?.keep(current);
    try {
      const sent =
        'session' in current
          ? await sendRest(context, current, server, isNew)
          : await sendParts(context, current, server, isNew);
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
  { partBytes, partCount }: PartsClaim,
  server: PartsServer,
  isNew: boolean,
): Promise<readonly SentPart[]> {
  const { control, file, patience } = context;
  const stored = isNew ? undefined : await attempts(control, file, patience, signal => server.stored(signal));
  const partOf = (number: number): Blob => file.slice((number - 1) * partBytes, number * partBytes);
  const waiting = Array.from({ length: partCount }, (_, index) => index + 1).filter(
    one => !stored?.numbers.has(one),
  );
  const missing = new Set(waiting);
  const sent: SentPart[] = [];
  let storedBytes = file.size - waiting.reduce((sum, number) => sum + partOf(number).size, 0);
  control.confirm(storedBytes);
  const stop = new AbortController();
  const work = async (): Promise<void> => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      const part = partOf(number);
      const receipt = await sendPart(context, server, { number, part, missing, stop: stop.signal });
      if (receipt !== null) sent.push({ number, receipt });
      missing.delete(number);
      storedBytes += part.size;
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
  one: {
    readonly number: number;
    readonly part: Blob;
    readonly missing: Iterable<number>;
    readonly stop: AbortSignal;
  },
): Promise<string | null> {
  const { control, file, patience } = context;
  const { number, part, missing, stop } = one;
  let signatures = 0;
  const send = (signal: AbortSignal): Promise<string | null> =>
    inTurn(signal, async () => {
      try {
        const request = await server.signed(number, missing, signal);
        return await put(context, request, part, signal);
      } catch (error) {
        server.drop(number);
        throw error;
      }
    });
  const again = async (signal: AbortSignal): Promise<string | null> => {
    try {
      return await send(AbortSignal.any([signal, stop]));
    } catch (error) {
      throw meaningOf(error, [404], status => REFUSED.includes(status) && ++signatures < SIGNATURES);
    }
  };
  // What the other parts bring is no reason to go on with one that fails.
  return attempts(control, file, patience, again, () => 0);
}
