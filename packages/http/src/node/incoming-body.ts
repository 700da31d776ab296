import type { IncomingMessage } from 'node:http';
import type { FieldFileError } from '@fieldfile/storage';
import type { BodyReader } from '../receive/body-reader.ts';
import { cameOver, discard, free } from './discard.ts';

interface Arrived {
  /** What of it nobody has read. */
  rest: Uint8Array;
  /** Node made the memory for it, and nobody else was given it. */
  readonly isOurs: boolean;
}

/** The body of a request of `node:http`, read as fast as it is asked for. */
export class IncomingBody implements BodyReader {
  readonly #incoming: IncomingMessage;
  readonly #onLeft: () => FieldFileError;
  readonly #arrived: Arrived[] = [];
  /** Before the chunk came: whoever wanted that one only is no listener any more when it is here. */
  #isAlone = false;
  #isOver = false;
  #error: unknown;
  #wake: (() => void) | undefined;

  /** @param onLeft makes what is thrown when the client leaves. */
  constructor(incoming: IncomingMessage, onLeft: () => FieldFileError) {
    this.#incoming = incoming;
    this.#onLeft = onLeft;
    incoming.pause();
    incoming.on('data', this.#onData).once('end', this.#onEnd).once('close', this.#onClose);
  }

  async read(): Promise<Uint8Array | undefined> {
    await this.#next();
    return this.#arrived.shift()?.rest;
  }

  async readInto(memory: Uint8Array): Promise<number> {
    await this.#next();
    const [first] = this.#arrived;
    if (!first) return 0;
    const { rest, isOurs } = first;
    const copiedBytes = Math.min(rest.byteLength, memory.byteLength);
    if (copiedBytes < rest.byteLength) {
      memory.set(rest.subarray(0, copiedBytes));
      first.rest = rest.subarray(copiedBytes);
      return copiedBytes;
    }
    memory.set(rest);
    this.#arrived.shift();
    if (isOurs) free(rest);
    return copiedBytes;
  }

  /** Leaves the connection: an answer can still be sent. */
  async cancel(): Promise<void> {
    const isComing = !this.#isOver;
    this.#end();
    this.#arrived.length = 0;
    if (isComing) discard(this.#incoming);
  }

  fail(error: FieldFileError): void {
    if (this.#isOver) return;
    this.#error = error;
    this.#end();
  }

  /** Resolves once something is there, or nothing comes any more. */
  async #next(): Promise<void> {
    if (this.#arrived.length > 0) return;
    if (!this.#isOver)
      await new Promise<void>(resolve => {
        this.#wake = resolve;
        this.#isAlone = this.#incoming.listenerCount('data') === 1;
        this.#incoming.resume();
      });
    if (this.#arrived.length === 0 && this.#error !== undefined) throw this.#error;
  }

  readonly #onData = (chunk: Uint8Array): void => {
    const isAlone = this.#isAlone && this.#incoming.listenerCount('data') === 1;
    this.#arrived.push({ rest: chunk, isOurs: isAlone && cameOver(this.#incoming, chunk) });
    this.#isAlone = false;
    this.#incoming.pause();
    this.#wakeUp();
  };

  readonly #onEnd = (): void => this.#end();

  readonly #onClose = (): void => this.fail(this.#onLeft());

  #end(): void {
    this.#isOver = true;
    this.#incoming.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
