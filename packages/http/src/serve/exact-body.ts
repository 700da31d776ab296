import { FieldFileError } from '@fieldfile/storage';

/**
 * The same bytes, and an error where there are more or fewer than were announced: more would be taken for the beginning of
 * the next answer, and fewer leave a client waiting.
 */
export function exactBody(stream: ReadableStream<Uint8Array>, sizeBytes: number): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  let left = sizeBytes;
  const wrong = (): FieldFileError =>
    new FieldFileError(
      'integrity',
      `The content is not of the ${sizeBytes} bytes that were announced (serve).`,
      {
        operation: 'serve',
      },
    );
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        left -= value?.byteLength ?? 0;
        if (left < 0 || (done && left > 0)) {
          await reader.cancel().catch(() => {}); // what is wrong with it is told already
          throw wrong();
        }
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: reason => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
