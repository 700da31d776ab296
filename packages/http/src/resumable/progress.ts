import { FieldFileError } from '@fieldfile/storage';
import type { PartedWrite, StoredPart } from '@fieldfile/storage/parts';

/** How far an upload has come: all that is known of it, so that any process goes on with it. */
export interface Progress {
  readonly write: PartedWrite;
  /** Null while the client has not said it. */
  readonly sizeBytes: number | null;
  /** So many bytes are kept: those of the parts, and the tail. */
  readonly offset: number;
  readonly parts: readonly StoredPart[];
  /** What is too little for a part. */
  readonly tail: Uint8Array<ArrayBuffer>;
  /** The number that the next part gets. While `isHeld`, the highest that a part has or may get: whoever takes over begins above it. */
  readonly nextPart: number;
  /** Of the request that goes on with it, or was the last to: who finds another one here is not it any more. */
  readonly epoch: number;
  /** A request is at work on it, or was when its process died: parts may come that are not written down here. */
  readonly isHeld: boolean;
  /** The object is there. */
  readonly isComplete: boolean;
  /** What the protocol keeps with it. */
  readonly details: Readonly<Record<string, string | undefined>>;
}

const LINE_END = 0x0a;

/** One line of JSON, and the tail as it is. */
export function encodeProgress({ tail, parts, ...rest }: Progress): Uint8Array<ArrayBuffer> {
  const short = parts.map(({ number, sizeBytes, receipt }) => [number, sizeBytes, receipt]);
  const line = new TextEncoder().encode(`${JSON.stringify({ version: VERSION, ...rest, parts: short })}\n`);
  const bytes = new Uint8Array(line.byteLength + tail.byteLength);
  bytes.set(line);
  bytes.set(tail, line.byteLength);
  return bytes;
}

/** @throws `unsupported` for what a newer release has written. */
export function decodeProgress(bytes: Uint8Array<ArrayBuffer>): Progress {
  const end = bytes.indexOf(LINE_END);
  const { version, parts, ...rest } = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
  if (version !== VERSION)
    throw new FieldFileError(
      'unsupported',
      'A newer release has begun the upload: only that goes on with it.',
      {
        operation: 'upload',
      },
    );
  return {
    ...rest,
    parts: parts.map(([number, sizeBytes, receipt]: [number, number, string]) => ({
      number,
      sizeBytes,
      receipt,
    })),
    tail: bytes.subarray(end + 1),
  };
}

const VERSION = 1;
