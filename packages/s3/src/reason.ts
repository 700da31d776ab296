import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import { isFieldFileError } from '@fieldfile/storage';

/** What is asked instead of a HEAD to learn why it is refused: as little as can be. */
export type Question = GetObjectCommand | ListObjectsV2Command;

/**
 * The answer to a HEAD has no body, so that 400 and 403 do not say whether a token has expired, a key is wrong, the bucket
 * is elsewhere or a policy refuses. The same question with a body in its answer does.
 *
 * @returns undefined for any other request, and for a status that says enough.
 */
export function questionFor(command: object, error: unknown): Question | undefined {
  const { httpStatusCode, clockSkewCorrected } = (error as Refused | undefined)?.$metadata ?? {};
  // Signed by the right clock, the request itself is made once more.
  if ((httpStatusCode !== 400 && httpStatusCode !== 403) || clockSkewCorrected) return undefined;
  if (command instanceof HeadObjectCommand) {
    const { Bucket, Key } = command.input;
    return new GetObjectCommand({ Bucket, Key, Range: 'bytes=0-0' });
  }
  if (command instanceof HeadBucketCommand)
    return new ListObjectsV2Command({ Bucket: command.input.Bucket, MaxKeys: 1 });
  return undefined;
}

/** Whether it was refused, too, and with a reason: not missing, out of range, or broken on the way. */
export function isReason(error: unknown): boolean {
  if (!isFieldFileError(error)) return false;
  const { httpStatusCode = 0 } = (error.cause as Refused | undefined)?.$metadata ?? {};
  return [301, 307, 400, 401, 403].includes(httpStatusCode);
}

interface Refused {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
}
