import { ask, requestIn, type Wanted } from '../claim/ask.ts';
import type {
  Asked,
  PartsAnswer,
  PartsClaim,
  PartsRequest,
  ResumableClaim,
  SentPart,
  SignedRequest,
} from '../claim/claim.ts';
import { crc32 } from '../digests/crc32.ts';
import { lostOr } from '../errors/lost-claim.ts';
import { UploadError } from '../errors/upload-error.ts';
import type { Context } from '../upload/context.ts';

/**
 * What the application answers of a claim that does not hold, or not for this user, and a storage of a session that is over, or
 * whose file has nothing to take the place of any more. Who may not upload at all, with 403, may sign in again.
 */
export const GONE: readonly number[] = [404, 409, 410, 412, 499];

/** So much is signed ahead: few requests for the application, and no URL that is old when it is its turn. */
const SIGNED_BYTES = 256 * 1024 * 1024;

/** So much where it has to be read before. */
const DIGESTED_BYTES = 64 * 1024 * 1024;

/** More would not fit into a question. Then the storage is asked which parts there are. */
const MOST_TOLD = 500;

/** Of a claim in parts their numbers, of a session how much it has. */
interface Stored {
  readonly numbers: ReadonlySet<number>;
  readonly bytes: number;
}

/** What the application's server is asked of one claim. */
export class PartsServer {
  readonly #context: Context;
  readonly #asked: Asked<PartsRequest, PartsAnswer>;
  readonly #claim: PartsClaim;
  readonly #signed = new Map<number, Promise<ReadonlyMap<number, SignedRequest>>>();
  /** Of the parts that were signed with one. */
  readonly #digests: Record<number, string> = {};

  constructor(context: Context, asked: Asked<PartsRequest, PartsAnswer>, claim: ResumableClaim) {
    this.#context = context;
    this.#asked = asked;
    // What goes to a session is as one part.
    this.#claim = { partBytes: context.file.size, partCount: 1, ...claim };
  }

  /** What the storage has. @throws {LostClaim} */
  stored(signal: AbortSignal): Promise<Stored> {
    return this.#ask({}, STORED, signal);
  }

  /**
   * The request for a part. Others are signed with it, so that not each has to be asked for.
   *
   * @param missing The numbers that are not stored, in their order.
   * @throws {LostClaim}
   */
  async signed(number: number, missing: Iterable<number>, signal: AbortSignal): Promise<SignedRequest> {
    if (!this.#signed.has(number)) {
      const { partBytes, partDigest } = this.#claim;
      const most = Math.max(1, Math.floor((partDigest ? DIGESTED_BYTES : SIGNED_BYTES) / partBytes));
      const others = [...missing].filter(one => one !== number && !this.#signed.has(one));
      const numbers = [number, ...others].slice(0, most);
      const asking = this.#sign(numbers, signal);
      for (const one of numbers) this.#signed.set(one, asking);
      // A question that failed, or that a pause ended, is no answer for the parts whose turn is later.
      asking.catch(() => {
        for (const one of numbers) if (this.#signed.get(one) === asking) this.drop(one);
      });
      // It may take a while until it ends.
      signal.addEventListener('abort', () => this.#signed.clear());
    }
    const request = (await this.#signed.get(number))?.get(number);
    if (request) return request;
    throw new UploadError('unexpected-answer', `The server has signed no part ${number}.`, {
      retryable: true,
    });
  }

  async #sign(numbers: readonly number[], signal: AbortSignal): Promise<ReadonlyMap<number, SignedRequest>> {
    const digests: Record<number, string> = {};
    if (this.#claim.partDigest)
      for (const number of numbers)
        this.#digests[number] = digests[number] = await crc32(this.part(number), signal);
    return this.#ask({ numbers, digests }, PARTS, signal);
  }

  part(number: number): Blob {
    const { partBytes } = this.#claim;
    return this.#context.file.slice((number - 1) * partBytes, number * partBytes);
  }

  /** @param tag of the answer for the part. */
  receipt(number: number, tag: string): string {
    return `${tag} ${this.#digests[number] ?? ''}`.trim();
  }

  /** Its request has failed, or was not answered: it is signed again for the next try. */
  drop(number: number): void {
    this.#signed.delete(number);
  }

  /**
   * Has the file made of its parts, so that nobody has to ask for them when it is redeemed.
   *
   * @returns the token to redeem: that of the claim where it was not done, or nobody knows.
   */
  async completed(sent: readonly SentPart[], signal: AbortSignal): Promise<string> {
    const { token, partCount } = this.#claim;
    if (sent.length !== partCount || partCount > MOST_TOLD) return token;
    try {
      return (await this.#ask({ parts: sent }, TOKEN, signal)) ?? token;
    } catch {
      signal.throwIfAborted();
      return token;
    }
  }

  /** Nobody waits for it, and it outlives the page. What it does not reach, the application's journal ends. */
  end(): void {
    const { signal } = new AbortController();
    void this.#ask({ end: true }, { what: '', read: () => {} }, signal, true).catch(() => {});
  }

  async #ask<Given>(
    question: Omit<PartsRequest, 'token'>,
    wanted: Wanted<Given>,
    signal: AbortSignal,
    keepalive = false,
  ): Promise<Given> {
    const { token } = this.#claim;
    try {
      return await ask(this.#context, this.#asked, { token, ...question }, wanted, signal, keepalive);
    } catch (error) {
      throw lostOr(error, GONE);
    }
  }
}

const STORED: Wanted<Stored> = {
  what: 'what is stored',
  read(given) {
    const { stored, storedBytes } = (given ?? {}) as PartsAnswer;
    if (Array.isArray(stored) || Number(storedBytes) >= 0)
      return { numbers: new Set(stored), bytes: storedBytes ?? 0 };
    throw new TypeError('`parts` gave neither { stored } nor { storedBytes }.');
  },
};

const TOKEN: Wanted<string | undefined> = {
  what: 'a token',
  read: given => ((given ?? {}) as PartsAnswer).token,
};

const PARTS: Wanted<ReadonlyMap<number, SignedRequest>> = {
  what: 'signed parts',
  read(given, address) {
    const { parts = [] } = (given ?? {}) as PartsAnswer;
    const requests = new Map<number, SignedRequest>();
    for (const { number, request: asked } of parts) {
      const request = requestIn(asked, address);
      if (!request) throw new TypeError('`parts` gave no signed parts: { parts: [{ number, request }] }.');
      requests.set(number, request);
    }
    return requests;
  },
};
