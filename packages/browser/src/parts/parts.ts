import type { PartsClaim, ResumableClaim, SentPart } from '../claim/claim.ts';
import { put } from '../claim/whole.ts';
import { attempts } from '../control/attempts.ts';
import { again } from '../errors/again.ts';
import { LostClaim } from '../errors/lost-claim.ts';
import { UploadError } from '../errors/upload-error.ts';
import type { Context } from '../upload/context.ts';
import type { ClaimedUploadOptions, Uploaded } from '../upload/options.ts';
import { type KeptClaim, partsOf } from './kept-claim.ts';
import { PartsServer } from './parts-server.ts';
import { sendRest } from './session.ts';
import { inTurn } from './slots.ts';

/** Parts of one file that are sent at once. */
const AT_ONCE = 4;

/** What a storage answers to a URL that is over, also by a clock that goes otherwise: it is signed again, so often. */
const REFUSED: readonly number[] = [400, 401, 403, 409, 412];
const SIGNATURES = 3;

/**
 * Uploads in parts, several at once, or to a session, straight to the storage. What of a claim of before is stored, the server is
 * asked.
 *
 * @throws {LostClaim}
 */
export async function uploadInParts(
  context: Context,
  options: ClaimedUploadOptions,
  claim: ResumableClaim,
  kept: KeptClaim | undefined,
): Promise<Uploaded> {
  const { control, file, patience } = context;
  const parts = partsOf(options);
  if (!parts) throw new TypeError('`claim` gave a claim in parts: `parts` must say who signs them.');
  const server = new PartsServer(context, parts, claim);
  const isNew = claim !== kept?.claim;
  if (isNew) await kept?.keep(claim);
  try {
    const sent =
      'session' in claim
        ? await sendRest(context, claim, server, isNew)
        : await sendParts(context, claim, server, isNew);
    const token = await attempts(control, file, patience, signal => server.completed(sent, signal));
    await kept?.forget();
    return { token };
  } catch (error) {
    // Given up, or of a file that is there no more: nobody will go on with it.
    const isOver = control.isAborted || (error instanceof UploadError && error.code === 'file-changed');
    if (isOver) server.end();
    if (isOver || error instanceof LostClaim) await kept?.forget();
    throw error;
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
  const stored = isNew ? undefined : await attempts(control, file, patience, signal => server.stored(signal));
  const waiting = Array.from({ length: partCount }, (_, index) => index + 1).filter(
    one => !stored?.numbers.has(one),
  );
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
