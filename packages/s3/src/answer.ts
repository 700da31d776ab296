import { NotAStore } from './errors.ts';

/** An answer as the SDK's middleware has it: read, and as it came. */
export interface Answered {
  readonly output: object;
  readonly response: unknown;
}

/** What only a store answers, by command. Any program may answer 200: a console, a proxy, the login page of a network. */
const TOLD: Readonly<Record<string, (output: Output) => unknown>> = {
  PutObjectCommand: ({ ETag }) => ETag,
  HeadObjectCommand: ({ ETag }) => ETag,
  GetObjectCommand: ({ ETag }) => ETag,
  UploadPartCommand: ({ ETag }) => ETag,
  CompleteMultipartUploadCommand: ({ ETag }) => ETag,
  CopyObjectCommand: ({ CopyObjectResult }) => CopyObjectResult?.ETag,
  UploadPartCopyCommand: ({ CopyPartResult }) => CopyPartResult?.ETag,
  CreateMultipartUploadCommand: ({ UploadId }) => UploadId,
  ListObjectsV2Command: ({ Name, KeyCount, IsTruncated }) => Name ?? KeyCount ?? IsTruncated,
  ListMultipartUploadsCommand: ({ Bucket, IsTruncated }) => Bucket ?? IsTruncated,
};

/** Commands whose answer has the object's own type. */
const OF_OBJECTS: ReadonlySet<string> = new Set(['HeadObjectCommand', 'GetObjectCommand']);

/**
 * Whether it is certain that a store answered: an object may be a web page itself, any page may have an ETag, and to a
 * delete there is nothing to say.
 *
 * @throws {@link NotAStore} where it was none.
 */
export function isOfStore(command: string, { output, response }: Answered): boolean {
  const { headers = {} } = response as { readonly headers?: Readonly<Record<string, string>> };
  const isTold = TOLD[command];
  if (isTold && isTold(output as Output) === undefined) throw new NotAStore('the answer lacks what S3 tells');
  const isPage = /^\s*(?:text\/html|application\/json)\b/i.test(headers['content-type'] ?? '');
  if (isPage && !OF_OBJECTS.has(command)) throw new NotAStore('the answer is no XML');
  if (isTold && !isPage) return true;
  return Object.keys(headers).some(name => name.startsWith('x-amz-'));
}

interface Output {
  readonly ETag?: string;
  readonly CopyObjectResult?: { readonly ETag?: string };
  readonly CopyPartResult?: { readonly ETag?: string };
  readonly UploadId?: string;
  readonly Name?: string;
  readonly Bucket?: string;
  readonly KeyCount?: number;
  readonly IsTruncated?: boolean;
}
