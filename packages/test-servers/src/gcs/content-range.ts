import { invalid } from './gcs-error.ts';

/** What one request of a resumable upload brings; undefined is what it does not know yet. */
export type UploadRange =
  | { readonly kind: 'status'; readonly total: number | undefined }
  | {
      readonly kind: 'bytes';
      readonly first: number;
      readonly last: number | undefined;
      readonly total: number | undefined;
      /** Whether the end of this request is the end of the object: `first-*`, or no header at all. */
      readonly untilEnd: boolean;
    };

// bytes 0-9/10, bytes 0-9/*, bytes 0-*/10, bytes 0-*/* and the status query bytes */10;
// see https://cloud.google.com/storage/docs/performing-resumable-uploads
export function readUploadRange(header: string | undefined): UploadRange {
  if (header === undefined)
    return { kind: 'bytes', first: 0, last: undefined, total: undefined, untilEnd: true };
  const status = header.match(/^bytes \*\/(\d+|\*)$/);
  if (status) return { kind: 'status', total: number(status[1]) };
  // The SDK ends an empty upload of unknown length with `0--1/0`.
  const range = header.match(/^bytes (\d+)-(\d+|-1|\*)\/(\d+|\*)$/);
  const first = number(range?.[1]);
  if (!range || first === undefined) throw malformed(header);
  const last = number(range[2]);
  const total = number(range[3]);
  if (last !== undefined && (last < first - 1 || (total !== undefined && last >= total)))
    throw malformed(header);
  return { kind: 'bytes', first, last, total, untilEnd: last === undefined };
}

function number(text: string | undefined): number | undefined {
  return text === undefined || text === '*' ? undefined : Number(text);
}

function malformed(header: string): Error {
  return invalid(`Failed to parse Content-Range header: '${header}'.`);
}
