/** Bytes as the body of an answer. A bridge that takes them as they are saves the reading of a stream. */
export class WholeBody extends ReadableStream<Uint8Array> {
  #unread: Uint8Array | undefined;

  constructor(bytes: Uint8Array) {
    super(
      {
        pull: controller => {
          this.#unread = undefined;
          if (bytes.byteLength > 0) controller.enqueue(bytes);
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    this.#unread = bytes;
  }

  /** All of it, to be sent in its place. Undefined for another body, and for one that somebody reads. */
  static bytesOf(body: ReadableStream<Uint8Array> | null): Uint8Array | undefined {
    return body instanceof WholeBody && !body.locked ? body.#unread : undefined;
  }
}
