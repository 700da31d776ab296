/** Content of which one half has been read and the other waits for the test: an upload that takes its time. */
export interface GatedContent {
  readonly stream: ReadableStream<Uint8Array>;
  /** The storage has asked for the second half. */
  readonly halfWay: Promise<void>;
  /** Lets the rest pass. */
  open(): void;
  /** Breaks off. */
  fail(error: Error): void;
}

export function gatedContent(text: string): GatedContent {
  const halfWay = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const bytes = new TextEncoder().encode(text);
  const middle = bytes.length >> 1;
  let pulls = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (pulls++ === 0) return controller.enqueue(bytes.subarray(0, middle));
        halfWay.resolve();
        await gate.promise;
        controller.enqueue(bytes.subarray(middle));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, halfWay: halfWay.promise, open: gate.resolve, fail: gate.reject };
}
