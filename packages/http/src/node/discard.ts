import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

/** They keep nothing of a chunk. */
const discarding = new WeakSet<object>();

/**
 * Reads what comes of a request and throws it away.
 *
 * @param onChunk told of each chunk.
 * @returns what ends it.
 */
export function discard(incoming: IncomingMessage, onChunk: () => void = () => {}): () => void {
  let isAlone = ['data', 'readable'].every(event => incoming.listeners(event).every(isDiscarding));
  const onListener = (event: string | symbol, listener: object): void => {
    if (event === 'data' || event === 'readable') isAlone &&= isDiscarding(listener);
  };
  const onData = (chunk: Uint8Array): void => {
    onChunk();
    if (isAlone && cameOver(incoming, chunk)) free(chunk);
  };
  discarding.add(onData);
  incoming.on('newListener', onListener).on('data', onData).resume();
  return () => void incoming.off('data', onData).off('newListener', onListener);
}

const isDiscarding = (listener: object): boolean => discarding.has(listener);

/**
 * Whether Node made the memory of a chunk for it alone. A request that a test makes up has its bytes from the test: they come over
 * no connection.
 */
export const cameOver = (incoming: IncomingMessage, { byteLength, buffer }: Uint8Array): boolean =>
  byteLength > 0 &&
  byteLength === buffer.byteLength &&
  incoming.socket instanceof Socket &&
  incoming.socket.bytesRead > 0;

/** Left to a collection, a thousand chunks would wait for it: the engine does not know how much memory they are. */
export function free({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer?.(0);
}
