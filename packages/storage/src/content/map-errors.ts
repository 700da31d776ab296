/** A stream that fails with what `map` makes of the other's error. Nothing is read before it is asked for. */
export function mapErrors(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  map: (error: unknown) => unknown,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          throw map(error);
        }
      },
      cancel: reason => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
