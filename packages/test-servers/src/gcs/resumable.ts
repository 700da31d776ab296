import { randomUUID } from 'node:crypto';
import { BodyWriter, UPLOAD_QUANTUM_BYTES } from './body.ts';
import type { Bucket } from './bucket.ts';
import { readUploadRange, type UploadRange } from './content-range.ts';
import { allowStarter } from './cors.ts';
import type { Exchange } from './exchange.ts';
import { GcsError, invalid, noSuchPath } from './gcs-error.ts';
import { checkBeforeWrite } from './preconditions.ts';
import { objectResource } from './resource.ts';
import type { StoredObject } from './stored-object.ts';
import { completeObject, expectedOfHeaders, planOfJson, type UploadPlan } from './upload-plan.ts';

type Outcome = { readonly object: StoredObject } | { readonly failure: GcsError };
type ByteRange = Extract<UploadRange, { kind: 'bytes' }>;

/** The resumable uploads of one server, by the `upload_id` that is all a client needs to go on with one. */
export class ResumableUploads implements AsyncDisposable {
  readonly #folder: string;
  readonly #byId = new Map<string, ResumableUpload>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** How many were started and neither finished nor cancelled. */
  get pending(): number {
    return [...this.#byId.values()].filter(upload => upload.isPending).length;
  }

  /** `POST …?uploadType=resumable`. */
  async startWithJson(exchange: Exchange, bucket: Bucket): Promise<void> {
    const contentType = exchange.header('x-upload-content-type');
    const plan = planOfJson(exchange, bucket, { contentType, ...(await exchange.json()) });
    const id = this.#start(exchange, plan, 'json');
    const query = new URLSearchParams({ uploadType: 'resumable', name: plan.name, upload_id: id });
    const location = `${exchange.origin}/upload/storage/v1/b/${bucket.name}/o?${query}`;
    exchange.send(200, { location, 'x-guploader-uploadid': id });
  }

  /** `POST /BUCKET/OBJECT` with `x-goog-resumable: start`. */
  startWithHeaders(exchange: Exchange, plan: UploadPlan): void {
    const id = this.#start(exchange, plan, 'xml');
    const location = `${exchange.origin}${exchange.path}?upload_id=${id}`;
    exchange.send(201, { location, 'x-guploader-uploadid': id });
  }

  /** Every later request of an upload. */
  async continue(exchange: Exchange, id: string): Promise<void> {
    const upload = this.#byId.get(id);
    if (upload === undefined) throw noSuchPath();
    if (allowStarter(exchange, upload.startedBy)) return;
    await upload.answer(exchange);
  }

  /** Those that were not finished are lost. */
  async forget(): Promise<void> {
    const all = [...this.#byId.values()];
    this.#byId.clear();
    await Promise.all(all.map(upload => upload.cancel()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.forget();
  }

  #start(exchange: Exchange, plan: UploadPlan, form: 'json' | 'xml'): string {
    checkBeforeWrite(plan.bucket.find(plan.name), plan.preconditions);
    const length = exchange.header('x-upload-content-length');
    const id = randomUUID();
    const announcedTotal = length === undefined ? undefined : Number(length);
    const startedBy = exchange.header('origin');
    this.#byId.set(id, new ResumableUpload(plan, { form, announcedTotal, startedBy }, this.#folder));
    return id;
  }
}

/** What the request said that started an upload. */
interface Start {
  readonly form: 'json' | 'xml';
  readonly announcedTotal: number | undefined;
  /** The origin of the page, where a page sent it. */
  readonly startedBy: string | undefined;
}

class ResumableUpload {
  readonly startedBy: string | undefined;
  readonly #plan: UploadPlan;
  readonly #form: 'json' | 'xml';
  readonly #announcedTotal: number | undefined;
  readonly #writer: BodyWriter;
  #outcome: Outcome | undefined;
  #latest: { readonly exchange: Exchange; readonly settled: Promise<void> } | undefined;

  constructor(plan: UploadPlan, { form, announcedTotal, startedBy }: Start, folder: string) {
    this.#plan = plan;
    this.#form = form;
    this.#announcedTotal = announcedTotal;
    this.startedBy = startedBy;
    this.#writer = new BodyWriter(folder, { sha256: plan.expected.sha256 !== undefined });
  }

  get isPending(): boolean {
    return this.#outcome === undefined;
  }

  /** Requests of one upload never overlap: the client that sends a new one has given up the one before. */
  async answer(exchange: Exchange): Promise<void> {
    const before = this.#latest;
    before?.exchange.request.destroy();
    const settled = Promise.withResolvers<void>();
    const latest = { exchange, settled: settled.promise };
    this.#latest = latest;
    try {
      await before?.settled;
      await this.#answer(exchange);
    } finally {
      if (this.#latest === latest) this.#latest = undefined;
      settled.resolve();
    }
  }

  async cancel(): Promise<void> {
    this.#outcome ??= { failure: gone() };
    await this.#writer[Symbol.asyncDispose]();
  }

  async #answer(exchange: Exchange): Promise<void> {
    if (exchange.method === 'DELETE') {
      if (this.#outcome !== undefined) throw gone();
      await this.cancel();
      throw cancelled();
    }
    if (exchange.method !== 'PUT' && exchange.method !== 'POST') throw noSuchPath();
    const range = readUploadRange(exchange.header('content-range'));
    if (this.#outcome === undefined) {
      const total = this.#agreedTotal(range.total);
      const isComplete =
        range.kind === 'status' ? total === this.#writer.size : await this.#receive(exchange, range, total);
      if (isComplete) await this.#complete(exchange);
    }
    this.#report(exchange);
  }

  #agreedTotal(total: number | undefined): number | undefined {
    const announced = this.#announcedTotal;
    if (total !== undefined && announced !== undefined && total !== announced) {
      throw invalid(`The upload was announced with ${announced} bytes; this request says it has ${total}.`);
    }
    return total ?? announced;
  }

  /** Returns whether these were the last bytes. What stays of an unfinished upload is whole quanta. */
  async #receive(exchange: Exchange, range: ByteRange, total: number | undefined): Promise<boolean> {
    const offset = this.#writer.size;
    if (range.first > offset) {
      throw invalid(
        `The request begins at byte ${range.first}, but only ${offset} bytes were received before.`,
      );
    }
    let position = range.first;
    let isComplete = false;
    try {
      for await (const chunk of exchange.body()) {
        // Bytes the server has already are skipped, as the service does.
        const known = Math.min(Math.max(offset - position, 0), chunk.length);
        position += chunk.length;
        if (position > (range.last === undefined ? (total ?? Infinity) : range.last + 1)) {
          throw invalid('The request has more bytes than its Content-Range says.');
        }
        if (known < chunk.length) await this.#writer.write(chunk.subarray(known));
      }
      if (range.last !== undefined && position !== range.last + 1) {
        throw invalid(`The request ends at byte ${position}; its Content-Range says ${range.last + 1}.`);
      }
      isComplete = total === undefined ? range.untilEnd : position === total;
      if (!isComplete && range.last !== undefined && position - range.first < UPLOAD_QUANTUM_BYTES) {
        throw invalid(
          `Invalid request. The number of bytes uploaded is required to be equal or greater than ${UPLOAD_QUANTUM_BYTES}, except for the final request (it's recommended to be the exact multiple of ${UPLOAD_QUANTUM_BYTES}). The received request contained ${position - range.first} bytes, which does not meet this requirement.`,
        );
      }
      return isComplete;
    } finally {
      if (!isComplete) this.#writer.dropPartialQuantum();
    }
  }

  async #complete(exchange: Exchange): Promise<void> {
    const expected = { ...this.#plan.expected, ...expectedOfHeaders(exchange.request.headers) };
    try {
      this.#outcome = { object: await completeObject(this.#plan, this.#writer, expected) };
    } catch (cause) {
      if (!(cause instanceof GcsError)) throw cause;
      this.#outcome = { failure: cause };
      await this.#writer[Symbol.asyncDispose]();
    }
  }

  #report(exchange: Exchange): void {
    const outcome = this.#outcome;
    if (outcome === undefined) {
      const { size } = this.#writer;
      exchange.send(308, size > 0 ? { range: `bytes=0-${size - 1}` } : {});
    } else if ('failure' in outcome) {
      throw outcome.failure;
    } else if (this.#form === 'json') {
      exchange.sendJson(objectResource(outcome.object, exchange.origin));
    } else {
      exchange.send(200);
    }
  }
}

/** What is asked of an upload that was cancelled. */
function gone(): GcsError {
  return new GcsError({ status: 410, reason: 'gone', code: 'Gone', message: 'The upload was cancelled.' });
}

function cancelled(): GcsError {
  return new GcsError({
    status: 499,
    reason: 'cancelled',
    code: 'ClientClosedRequest',
    message: 'Client Closed Request',
  });
}
