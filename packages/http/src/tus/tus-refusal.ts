import type { Problem } from '../errors/status.ts';

/** A request that does not keep to the protocol, and what it is answered. Nothing of it stays. */
export class TusRefusal extends Error {
  readonly problem: Problem;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, title: string, headers: Readonly<Record<string, string>> = {}) {
    super(title);
    this.name = 'TusRefusal';
    this.problem = { status, title };
    this.code = code;
    this.headers = headers;
  }
}

/** 400, for a header that is not as the protocol has it. */
export const malformed = (title: string): TusRefusal => new TusRefusal(400, 'malformed-request', title);

/** 404: an upload that there is not, or not for this user, or not at this address. */
export const noUpload = (): TusRefusal => new TusRefusal(404, 'not-found', 'There is no such upload');

/** 410: an upload that was there. */
export const gone = (): TusRefusal => new TusRefusal(410, 'intent-lost', 'The time of the upload is over');
