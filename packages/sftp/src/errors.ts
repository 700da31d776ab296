import { type FailedCall, type Meaning, serviceFailure } from '@fieldfile/storage/backend';

type Status =
  | ('lost' | 'unreachable' | 'login' | 'host-key')
  | ('no-such-file' | 'denied' | 'failure' | 'bad-message' | 'unsupported');

const MEANINGS: Readonly<Record<Status, Meaning>> = {
  lost: { code: 'backend', what: 'the connection was lost', retryable: true, applied: 'unknown' },
  unreachable: { code: 'backend', what: 'the server cannot be reached', retryable: true },
  login: { code: 'permission', what: 'the server refuses the login' },
  'host-key': { code: 'permission', what: 'this is another server, or it has a new key: compare hostKey' },
  'no-such-file': { code: 'not-found', what: 'it does not exist' },
  denied: { code: 'permission', what: 'the server refuses: check owner and mode of the folder' },
  failure: { code: 'backend', what: 'the server failed: its disk may be full, or have no hard links' },
  'bad-message': { code: 'name-too-long', what: 'the server takes no such name' },
  unsupported: { code: 'unsupported', what: 'the server must be OpenSSH, or know its extensions' },
};

/** @see https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02#section-7 */
const BY_NUMBER: Readonly<Record<number, Status>> = {
  2: 'no-such-file',
  3: 'denied',
  4: 'failure',
  5: 'bad-message',
  8: 'unsupported',
};

/** What the server or the connection says. A class of its own: an error of the content is never translated. */
export class SftpError extends Error {
  readonly status: Status;

  constructor(status: Status, message: string = status, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }

  /** ssh2 gives the number of a status, and none when the connection ended. */
  static from(error: Error & { readonly code?: unknown }): SftpError {
    return new SftpError(BY_NUMBER[Number(error.code)] ?? 'lost', error.message, { cause: error });
  }
}

/** Whether an error is the server's, with one of these statuses. */
export const isSftpError = (error: unknown, ...statuses: readonly Status[]): error is SftpError =>
  error instanceof SftpError && statuses.includes(error.status);

/** The one place where an error of the server becomes ours. Anything else is handed back untouched. */
export function toFieldFileError(error: unknown, call: FailedCall): unknown {
  if (!(error instanceof SftpError)) return error;
  const { status, message, cause = error } = error;
  return serviceFailure(MEANINGS[status], call, cause, message);
}
