import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { FieldFileError } from '@fieldfile/storage';
import { knownOptions } from '@fieldfile/storage/backend';
import type { Inspect, Inspector } from '../field/inspection.ts';

/** Where clamd listens, and what it may take. */
export interface ClamdOptions {
  /** Path of its Unix socket (`LocalSocket`). Either this or `port`. */
  readonly socketPath?: string;
  /** Its TCP port (`TCPSocket`), on `host`. */
  readonly port?: number;
  /** Default: `localhost`. */
  readonly host?: string;
  /** As `StreamMaxLength` of clamd.conf, or less: larger content is `too-large`. Default: 25 MiB, as clamd's before 1.0. */
  readonly maxBytes?: number;
  /** See {@link Inspector.timeoutSeconds}. Default: 30. */
  readonly timeoutSeconds?: number;
}

/**
 * ClamAV's scanner as an inspector of a field.
 *
 * clamd must have `AlertExceedsMax yes`: without it, clamd says of what is larger than its limits that it is clean. That is
 * proved once, before the first content: else everything is refused as `not-inspected`.
 *
 * @throws `invalid-argument` for options that there are not.
 * @see https://docs.clamav.net/manual/Usage/ClamdProtocol.html
 * @example
 * ```ts
 * import { defineFiles, model } from '@fieldfile/core';
 * import { clamd } from '@fieldfile/core/node';
 *
 * interface DocumentRow {
 *   id: number;
 *   scan: string | null;
 * }
 * export const documents = defineFiles(model<DocumentRow>()('document', 'id'), {
 *   scan: { inspect: clamd({ socketPath: '/run/clamav/clamd.ctl', maxBytes: 100 * 1024 ** 2 }) },
 * });
 * ```
 */
export function clamd(options: ClamdOptions): Inspector {
  const { socketPath, port, host = 'localhost', maxBytes = 25 * 1024 ** 2, timeoutSeconds } = options;
  knownOptions(options, OPTIONS, { what: 'clamd', operation: 'clamd' });
  if ((socketPath === undefined) === (port === undefined))
    throw new FieldFileError(
      'invalid-argument',
      'clamd needs socketPath or port, and not both: where clamd.conf says that it listens.',
      { operation: 'clamd' },
    );
  const open = (): Socket =>
    socketPath === undefined ? connect({ port: Number(port), host }) : connect(socketPath);
  let proved: Promise<void> | undefined;
  const inspect: Inspect = async (content, { signal }) => {
    proved ??= prove(open, signal);
    try {
      await proved;
    } catch (error) {
      proved = undefined; // it may be there, or set up, the next time
      throw error;
    }
    return reasonOf(await scan(open, content, signal));
  };
  return { inspect, maxBytes, ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }) };
}

const OPTIONS = ['socketPath', 'port', 'host', 'maxBytes', 'timeoutSeconds'] as const;

/** 5 GiB of zeros, compressed three times: more than clamd's limits can be. */
const LARGE = Buffer.from(
  'H4sIAAAAAAACA5Pv5mAAASbmN3ds9VoSJdouShofdXm4PEAzos3NaXFYQDdrRLOny9KNwlNZX7xhmMva4bRQ6PAZo32v57xaO//TudnZ7/PMoqJm19j0Hv/f//Pv+8PPc2pZgCby3PnzNm2TDLPb7+7pky8XA0USXuiZmy9bHfjgedL3G5YggQ95/PzbwuxZ9q1bv+wcI1Ckefvnv3VbbjHNE++/nf4OLPJdSwLkQM0mEO+CEpijC+YIKCNxRmVGZUZlRmVGZUZlRmVGZUZlRmVGZUZlRmVGZUZlRmVGZUZlRmVGZUZlRmVGZUZlRmXoLfNna3G7iwATAwNL/AepkxdYTgY0s2xZfHj5ocYffB23Ta8/AirrMOQBkg1ih0F6MpA5ozKjMqMyozKjMqMyJMlMe2zPI7Gu1mb7e/Z7hn+npdbtuveXIedL8nx/BgCfiRQa/SAAAA==',
  'base64',
);

/** @throws where clamd would pass content that it has not looked at. */
async function prove(open: () => Socket, signal: AbortSignal): Promise<void> {
  const answer = await scan(open, [LARGE], signal);
  if (!/: Heuristics\.Limits\.Exceeded\b.* FOUND$/.test(answer))
    throw new Error(
      `clamd passes what is beyond its limits (${answer}): set AlertExceedsMax yes in clamd.conf.`,
    );
}

/** @returns what clamd answered. */
async function scan(
  open: () => Socket,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal: AbortSignal,
): Promise<string> {
  const socket = open();
  const abort = (): void => void socket.destroy(new Error('The scan was given up.'));
  signal.addEventListener('abort', abort, { once: true });
  /** Why nothing can be sent, which who sends is not told. */
  let broken: Error | undefined;
  socket.once('error', error => {
    broken = error;
  });
  const answer = text(socket);
  answer.catch(() => {}); // thrown below
  try {
    await send(socket, Buffer.from('zINSTREAM\0'));
    for await (const chunk of content) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(chunk.byteLength);
      socket.write(length);
      await send(socket, chunk);
    }
    await send(socket, Buffer.alloc(4)); // the end
    return (await answer).split('\0', 1).join('');
  } catch (error) {
    throw broken ?? error;
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

/** Waits until the socket has taken it: clamd reads no faster than it scans. */
function send(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, error => (error ? reject(error) : resolve()));
  });
}

/** @throws for an answer that is no verdict, as `INSTREAM size limit exceeded. ERROR`. */
function reasonOf(answer: string): string | undefined {
  if (/^stream: OK$/.test(answer)) return undefined;
  const signature = /^stream: (.*) FOUND$/.exec(answer)?.[1];
  if (signature === undefined) throw new Error(`clamd answered ${JSON.stringify(answer)}.`);
  return `ClamAV found ${signature}.`;
}
