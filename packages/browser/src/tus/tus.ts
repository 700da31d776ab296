import { attempts } from '../control/attempts.ts';
import { UploadError } from '../errors/upload-error.ts';
import { fingerprintOf } from '../resume/fingerprint.ts';
import { type KeptUpload, keptUpload } from '../resume/kept-uploads.ts';
import { atLeast } from '../upload/at-least.ts';
import type { Context } from '../upload/context.ts';
import type { ResumableUploadOptions, Uploaded } from '../upload/options.ts';
import { TusServer } from './tus-server.ts';

const PART_BYTES = 8 * 1024 * 1024;
const LEAST_PART_BYTES = 64 * 1024;

/** How often an upload that the server has lost is begun anew. */
const BEGINNINGS = 3;

/**
 * Uploads by tus: begins an upload, or takes up one of before, and sends parts until the server has all. After whatever went
 * wrong the server is asked how much it has.
 *
 * @see https://tus.io/protocols/resumable-upload
 */
export async function uploadByTus(context: Context, options: ResumableUploadOptions): Promise<Uploaded> {
  const { resumes = true, resumeKey } = options;
  const server = new TusServer(context, String(options.tus));
  const fingerprint = resumes ? await fingerprintOf(context, server.endpoint, resumeKey) : undefined;
  const kept = fingerprint === undefined ? undefined : await keptUpload(fingerprint);
  try {
    return await new TusUpload(context, options, server, kept).run();
  } finally {
    kept?.release();
  }
}

class TusUpload {
  readonly #context: Context;
  readonly #options: ResumableUploadOptions;
  readonly #server: TusServer;
  readonly #kept: KeptUpload | undefined;
  #url: string | undefined;
  #offset: number | undefined;
  #partBytes: number;
  #beginnings = 0;

  constructor(
    context: Context,
    options: ResumableUploadOptions,
    server: TusServer,
    kept: KeptUpload | undefined,
  ) {
    this.#context = context;
    this.#options = options;
    this.#server = server;
    this.#kept = kept;
    this.#url = URL.canParse(kept?.state ?? '') ? kept?.state : undefined;
    this.#partBytes = atLeast(1, { partSizeBytes: options.partSizeBytes ?? PART_BYTES });
  }

  async run(): Promise<Uploaded> {
    const { control, file, patience } = this.#context;
    try {
      await attempts(control, file, patience, async signal => {
        try {
          await this.#goOn(signal);
        } catch (error) {
          this.#offset = undefined;
          throw error;
        }
      });
    } catch (error) {
      // Given up, or of a file that is there no more: nobody will go on with it.
      const isOver =
        this.#context.control.isAborted || (error instanceof UploadError && error.code === 'file-changed');
      if (isOver) await this.#takeBack();
      throw error;
    }
    await this.#kept?.forget();
    const url = this.#url ?? '';
    return { token: decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '') };
  }

  async #goOn(signal: AbortSignal): Promise<void> {
    const { control, file } = this.#context;
    await this.#server.ask(signal);
    this.#url ??= await this.#begin(signal);
    this.#offset ??= await this.#look(this.#url, signal);
    if (this.#offset === undefined) {
      // What is kept is kept until there is another: by 403 the server may mean that the user is to sign in again.
      this.#url = await this.#begin(signal);
      this.#offset = 0;
    }
    control.confirm(this.#offset);
    while (this.#offset < file.size) {
      this.#offset = await this.#sendPart(this.#url, this.#offset, signal);
      control.confirm(this.#offset);
    }
  }

  async #begin(signal: AbortSignal): Promise<string> {
    if (this.#beginnings === BEGINNINGS)
      throw new UploadError('refused', 'The server loses what it was sent, again and again.');
    const url = await this.#server.create(this.#options.metadata ?? {}, signal);
    this.#beginnings++;
    this.#url = url;
    this.#offset = 0;
    await this.#kept?.keep(url);
    return url;
  }

  /** @returns undefined where the server has it no more, or it is somebody else's. */
  async #look(url: string, signal: AbortSignal): Promise<number | undefined> {
    const offset = await this.#server.offsetOf(url, signal);
    return offset !== undefined && offset <= this.#context.file.size ? offset : undefined;
  }

  async #sendPart(url: string, offset: number, signal: AbortSignal): Promise<number> {
    const part = this.#context.file.slice(offset, offset + this.#partBytes);
    try {
      return await this.#server.append(url, offset, part, signal);
    } catch (error) {
      // Without a code of ours it comes from something between, which lets no such large request through.
      const isBody = error instanceof UploadError && error.status === 413 && error.code === 'refused';
      if (!isBody || part.size <= LEAST_PART_BYTES) throw error;
      this.#partBytes = Math.ceil(part.size / 2);
      return offset;
    }
  }

  async #takeBack(): Promise<void> {
    if (this.#url !== undefined) this.#server.terminate(this.#url);
    await this.#kept?.forget();
  }
}
