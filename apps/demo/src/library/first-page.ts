import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { arrayBuffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import { type FieldFile, FieldFileError } from '@fieldfile/core';
import { serve } from '@fieldfile/http';

/** A PDF that is larger is not drawn. */
const MAX_BYTES = 50 * 1024 ** 2;
const SECONDS = 10;

/**
 * The first page of a PDF as an image, drawn by poppler in a process of its own, which gets the bytes and no file. Where
 * poppler is not installed, or cannot draw it, the answer has no content.
 */
export async function firstPageOf(file: FieldFile, request: Request): Promise<Response> {
  const { stored } = file;
  if (!stored) throw new FieldFileError('no-file', 'This row has no file.', { operation: 'firstPage' });
  const { version } = await stored.info();
  const image = await drawn(stored.stream({ maxBytes: MAX_BYTES }), request.signal);
  if (!image) return new Response(null, { status: 204 });
  return serve(request, {
    info: {
      sizeBytes: image.byteLength,
      contentType: 'image/png',
      name: 'page.png',
      ...(version && { version }),
    },
    open: ({ start = 0, endExclusive } = { start: 0 }) =>
      new Blob([image.slice(start, endExclusive)]).stream(),
  });
}

async function drawn(pdf: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<ArrayBuffer | undefined> {
  const child = spawn('pdftoppm', ['-png', '-singlefile', '-f', '1', '-l', '1', '-scale-to', '640', '-'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    signal: AbortSignal.any([signal, AbortSignal.timeout(SECONDS * 1000)]),
  });
  const exit = once(child, 'exit');
  // One that stops reading has seen what it cannot draw.
  const written = pipeline(Readable.fromWeb(pdf as NodeStream<Uint8Array>), child.stdin).catch(() => {});
  try {
    const [image, [code]] = await Promise.all([arrayBuffer(child.stdout), exit, written]);
    return code === 0 && image.byteLength > 0 ? image : undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}
