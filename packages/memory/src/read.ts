import type { ByteRange, CallOptions, ObjectInfo } from '@fieldfile/storage';
import { type ReadResult, throwIfAborted } from '@fieldfile/storage/backend';
import type { Blocks } from './blocks.ts';

/** Opens the object as it is now: a replace or remove while it is read changes nothing for the reader. */
export function openBlocks(
  info: ObjectInfo,
  blocks: Blocks,
  { range, signal }: CallOptions & { readonly range?: ByteRange },
): ReadResult {
  let position = range?.start ?? 0;
  const end = Math.min(range?.endExclusive ?? blocks.sizeBytes, blocks.sizeBytes);
  const body = new ReadableStream({
    type: 'bytes',
    pull(controller) {
      throwIfAborted(signal, 'read');
      if (position < end) {
        const chunk = blocks.copyFrom(position, end);
        position += chunk.byteLength;
        controller.enqueue(chunk);
      } else {
        controller.close();
        controller.byobRequest?.respond(0); // a pending BYOB read ends only when it is answered
      }
    },
  });
  return {
    info,
    stream: body,
    async [Symbol.asyncDispose]() {
      if (!body.locked) await body.cancel();
    },
  };
}
