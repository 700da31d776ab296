import { FieldFileError, isFieldFileError, type RetryOptions } from '@fieldfile/storage';
import { untilAborted } from '@fieldfile/storage/backend';
import { ABORT_PATIENCE_MS, type Connection } from './connection.ts';
import { withApplied } from './errors.ts';
import { reachesAmazon } from './identity.ts';
import { MARKER, Marker } from './marker.ts';
import type { ConditionalWrites, ObjectParameters } from './options.ts';

/**
 * A write that depends on a condition. `'put'`: PutObject on the condition that there is no object. `'putIfMatch'`: or
 * that it is a certain version. `'complete'`: CompleteMultipartUpload. `'copy'`: CopyObject, its original included.
 * `'remove'`: DeleteObject.
 */
export type ConditionalWrite = 'put' | 'putIfMatch' | 'complete' | 'copy' | 'remove';

/** An etag that no object has. */
export const NO_ETAG = '"00000000000000000000000000000000"';

/** How often it is tried what another process may be trying at the same time. */
const TRIES = 3;

const STATED: Readonly<Record<ConditionalWrites, readonly ConditionalWrite[]>> = {
  supported: ['put', 'putIfMatch', 'complete', 'copy', 'remove'],
  'put-only': ['put', 'putIfMatch'],
  unsupported: [],
};

/** Somebody who waits for a proof. */
export interface Waiting {
  readonly operation: string;
  readonly signal?: AbortSignal | undefined;
}

/** What of a server's conditions is to be known before anything is written on them. */
export interface ConditionsOptions {
  /** What the user says. Default: on Amazon's own service all are kept, elsewhere it is proved. */
  readonly stated: ConditionalWrites | undefined;
  readonly marker: ConstructorParameters<typeof Marker>[1];
  readonly encryption: () => ObjectParameters;
  readonly retry: RetryOptions;
  /** How long the upload of a proof is left alone. Default: half a minute. A proof takes a few requests. */
  readonly uploadMs?: number;
}

/**
 * Which conditions the server keeps. A server that ignores one answers as if it had kept it, so it is tried on the
 * marker: each condition once, when it is first needed. What is remembered is an answer to the question, nothing else.
 */
export class Conditions {
  readonly #connection: Connection;
  readonly #options: ConditionsOptions;
  readonly #proofs = new Map<ConditionalWrite, Promise<boolean>>();
  readonly #proved = new Map<ConditionalWrite, boolean>();
  #amazon: Promise<boolean> | undefined;
  #lane: Promise<unknown> = Promise.resolve();
  /** The server knows its etags only without the quotes it tells them with. */
  #bareEtags: boolean;

  constructor(connection: Connection, options: ConditionsOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#bareEtags = options.stated === 'put-only';
  }

  /** What the user said, if anything. */
  get stated(): ConditionalWrites | undefined {
    return this.#options.stated;
  }

  /**
   * Whether the server refuses such a write when its condition does not hold.
   *
   * @throws `aborted`; whatever keeps it from being found out, with `applied: false`.
   */
  async keeps(write: ConditionalWrite, waiting: Waiting): Promise<boolean> {
    const { stated } = this.#options;
    if (stated !== undefined) return STATED[stated].includes(write);
    this.#amazon ??= reachesAmazon(this.#connection.client.config);
    try {
      if (await this.#amazon) return true;
    } catch (error) {
      this.#amazon = undefined;
      throw error;
    }
    return this.#proved.get(write) ?? answered(this.#proof(write), waiting);
  }

  /** What is known without a request: undefined where it was not needed yet. */
  known(write: ConditionalWrite): boolean | undefined {
    const { stated } = this.#options;
    return stated === undefined ? this.#proved.get(write) : STATED[stated].includes(write);
  }

  /** An etag as PutObject knows it, once `putIfMatch` is known to be kept. */
  etag(told: string): string {
    return this.#bareEtags ? bare(told) : told;
  }

  /** One for all who wait. One after another: they are all about one object. */
  #proof(write: ConditionalWrite): Promise<boolean> {
    let proof = this.#proofs.get(write);
    if (proof) return proof;
    proof = this.#lane.then(() => this.#answer(write)).finally(() => this.#proofs.delete(write));
    this.#lane = proof.catch(() => {});
    this.#proofs.set(write, proof);
    return proof;
  }

  async #answer(write: ConditionalWrite): Promise<boolean> {
    try {
      const kept = await this.#prove(write);
      this.#proved.set(write, kept);
      return kept;
    } catch (error) {
      if (saysNo(write, error)) return false;
      throw this.#unproved(error);
    }
  }

  async #prove(write: ConditionalWrite): Promise<boolean> {
    const { encryption, marker: name, retry, uploadMs = 30_000 } = this.#options;
    const marker = new Marker(this.#connection, name, { encryption: encryption(), retry, uploadMs });
    if (write === 'put') return keepsPut(marker);
    const put = this.#proved.get('put') ?? (await keepsPut(marker));
    this.#proved.set('put', put);
    if (!put) return false;
    for (let tries = 1; ; tries++)
      try {
        if (write === 'putIfMatch') return await this.#keepsPutIfMatch(marker);
        return await TRIALS[write](marker);
      } catch (error) {
        // Another process that tries deletions may have removed it, or one that clears up have aborted its upload.
        const isTaken = isFieldFileError(error, 'not-found', 'conflict') && error.objectName === name;
        if (tries === TRIES || !isTaken || error.retryable) throw error;
        await refuses(() => marker.put({ IfNoneMatch: '*' }));
      }
  }

  async #keepsPutIfMatch(marker: Marker): Promise<boolean> {
    for (const form of [quoted, bare]) {
      if (!(await takesOwnEtag(marker, IfMatch => marker.put({ IfMatch: form(IfMatch) })))) continue;
      this.#bareEtags = form === bare;
      return refuses(() => marker.put({ IfMatch: form(NO_ETAG) }));
    }
    return false;
  }

  /** Of what was to be written nothing is: the question was not answered. */
  #unproved(error: unknown): unknown {
    if (!isFieldFileError(error)) return error;
    if (error.code !== 'permission') return withApplied(error, false, error.cause);
    const { message, operation, storage, objectName: name, cause } = error;
    return new FieldFileError(
      'permission',
      `${message} Before it writes anything, the storage finds out by an object "${MARKER}" whether the service keeps conditions: allow it to read and write that, or say so with the option conditionalWrites.`,
      { operation, storage, name, applied: false, cause },
    );
  }
}

/** An abort waits a little: what the proof has begun is then ended, and nothing of it seen. */
async function answered(proof: Promise<boolean>, { operation, signal }: Waiting): Promise<boolean> {
  try {
    return await untilAborted(proof, signal, operation);
  } catch (error) {
    if (signal?.aborted) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>(resolve => {
        timer = setTimeout(resolve, ABORT_PATIENCE_MS);
      });
      await Promise.race([proof.catch(() => {}), late]);
      clearTimeout(timer);
    }
    throw error;
  }
}

const TRIALS: Readonly<
  Record<Exclude<ConditionalWrite, 'put' | 'putIfMatch'>, (marker: Marker) => Promise<boolean>>
> = {
  complete: marker =>
    marker.upload(
      async complete =>
        (await refuses(() => complete({ IfMatch: NO_ETAG }))) &&
        (await takesOwnEtag(marker, IfMatch => complete({ IfMatch }))),
    ),
  copy: async marker =>
    (await refuses(() => marker.copy({ IfNoneMatch: '*' }))) &&
    (await refuses(() => marker.copy({ CopySourceIfMatch: NO_ETAG }))),
  async remove(marker) {
    if (await refuses(() => marker.remove({ IfMatch: NO_ETAG }))) return true;
    await refuses(() => marker.put({ IfNoneMatch: '*' }));
    return false;
  },
};

/** The first process ever makes the marker and is then refused; every later one is refused at once. */
async function keepsPut(marker: Marker): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++)
    if (await refuses(() => marker.put({ IfNoneMatch: '*' }))) return true;
  await marker.remove();
  return false;
}

/** Whether a write of the marker as it is succeeds; another process may write it anew meanwhile. */
async function takesOwnEtag(marker: Marker, write: (etag: string) => Promise<void>): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    const etag = await marker.etag();
    if (etag === undefined) return false;
    if (!(await refuses(() => write(etag)))) return true;
    if ((await marker.etag()) === etag) return false;
  }
  return false;
}

/** The server does not know such a request at all. Without 'put' nothing is done; what needs another has another way. */
function saysNo(write: ConditionalWrite, error: unknown): boolean {
  if (!isFieldFileError(error) || error.retryable) return false;
  return (
    error.code === 'unsupported' || (write !== 'put' && !isFieldFileError(error, 'permission', 'not-found'))
  );
}

/**
 * Whether the server refuses.
 *
 * @throws whatever is no answer to that.
 */
async function refuses(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return false;
  } catch (error) {
    if (isFieldFileError(error, 'precondition')) return true;
    throw error;
  }
}

const quoted = (etag: string): string => etag;

const bare = (etag: string): string => etag.replaceAll('"', '');
