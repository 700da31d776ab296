import { EventEmitter, on } from 'node:events';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { LibraryEvent } from './file-view.ts';

/** Tells everybody who has the page open what changed. */
export class Events {
  readonly #emitter = new EventEmitter<{ change: [LibraryEvent] }>().setMaxListeners(0);
  readonly #closing = new AbortController();

  tell(event: LibraryEvent): void {
    this.#emitter.emit('change', event);
  }

  /** Server-sent events, until the client leaves. */
  stream(context: Context): Response {
    const signal = AbortSignal.any([context.req.raw.signal, this.#closing.signal]);
    // Listening begins before the answer does, so that nothing is missed once the page knows that it is connected.
    const changes = on(this.#emitter, 'change', { signal });
    return streamSSE(context, async stream => {
      await stream.writeSSE({ event: 'ready', data: '' });
      try {
        for await (const [event] of changes) await stream.writeSSE({ data: JSON.stringify(event) });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    });
  }

  close(): void {
    this.#closing.abort();
  }
}
