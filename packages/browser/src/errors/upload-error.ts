export interface UploadErrorOptions extends ErrorOptions {
  readonly status?: number | undefined;
  readonly retryable?: boolean;
  readonly retryAfterSeconds?: number | undefined;
}

/**
 * Why a file was not uploaded. `code` is the server's own, as its problem details say it (`too-large`, `not-accepted`, …), or
 * one of these:
 *
 * | code | |
 * |---|---|
 * | `network` | no answer: offline, a server that is down, or an answer that this page may not read |
 * | `refused` | the server refused, and did not say more: a status of 400 to 499 |
 * | `failed` | the server failed, and did not say more: a status of 500 or more |
 * | `unexpected-answer` | the answer is none of the server that was asked: a page of HTML in place of JSON |
 * | `redirected` | the answer came from another address than was asked |
 * | `file-changed` | the file on the disk is another than was chosen, or is gone |
 */
export class UploadError extends Error {
  override readonly name = 'UploadError';
  declare readonly code: string;
  /** Of the answer, if there was one. */
  declare readonly status: number | undefined;
  /** The same upload may succeed when it is tried again. */
  declare readonly retryable: boolean;
  /** How long the server asked to wait. */
  declare readonly retryAfterSeconds: number | undefined;

  constructor(code: string, message: string, options: UploadErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.status = options.status;
    this.retryable = options.retryable ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
