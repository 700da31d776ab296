import type { IncomingMessage } from 'node:http';
import type { ObjectInfo } from '@fieldfile/storage';
import {
  abortedError,
  type ObjectName,
  paceCollection,
  type ReadOptions,
  type ReadResult,
} from '@fieldfile/storage/backend';
import type { Bucket } from './bucket.ts';
import { isStatus } from './errors.ts';
import { infoOfHeaders, isReservation, objectInfo, type Resource } from './resource.ts';
import { ServiceError } from './service-error.ts';
import { connectionError, onAbort, tooSlow } from './transport.ts';
import { Watch } from './watch.ts';

interface ReadContext extends ReadOptions {
  readonly bucket: Bucket;
  readonly timeoutMs: number;
  readonly translate: (error: unknown) => unknown;
}

/** Opens an object, in one request where the service describes it along with the bytes. */
export async function openObject(name: ObjectName, context: ReadContext): Promise<ReadResult> {
  const { bucket, range, ifMatch, signal } = context;
  const call = { operation: 'read', ...(signal ? { signal } : {}) };
  const isEmptyRange = range?.endExclusive !== undefined && range.endExclusive <= range.start;
  let described: Resource | undefined;
  if (!bucket.downloadsDescribe || isEmptyRange) {
    described = await describe(name, context);
    if (isEmptyRange) return nothingOf(objectInfo(described));
  }
  const ifGenerationMatch = ifMatch ?? described?.generation;
  const asked = bucket.download(name, rangeHeader(range), { ifGenerationMatch }, call);
  const answer = await asked.catch(error => {
    // Replaced since it was described; whoever reads any version reads the new one.
    if (ifMatch === undefined && isStatus(error, 412)) return undefined;
    throw error;
  });
  if (!answer) return openObject(name, context);
  if (answer.statusCode === 416) {
    answer.destroy();
    return nothingOf(objectInfo(await describe(name, context)));
  }
  let info: ObjectInfo;
  try {
    info = described ? objectInfo(described) : infoOfHeaders(name, answer.rawHeaders);
  } catch (error) {
    answer.destroy();
    throw error;
  }
  if (isReservation(info)) {
    answer.destroy();
    throw notFound();
  }
  return { info, ...bodyOf(answer, context) };
}

async function describe(name: ObjectName, { bucket, ifMatch, signal }: ReadContext): Promise<Resource> {
  const resource = await bucket.find(name, { operation: 'read', ...(signal ? { signal } : {}) });
  if (!resource || isReservation(resource)) throw notFound();
  if (ifMatch !== undefined && resource.generation !== ifMatch)
    throw new ServiceError(412, 'conditionNotMet', 'Another generation is there.');
  return resource;
}

const notFound = (): ServiceError => new ServiceError(404, 'notFound', 'No such object.');

function rangeHeader(range: ReadOptions['range']): string | undefined {
  if (!range || (range.start === 0 && range.endExclusive === undefined)) return undefined;
  return `bytes=${range.start}-${range.endExclusive === undefined ? '' : range.endExclusive - 1}`;
}

const nothingOf = (info: ObjectInfo): ReadResult => ({
  info,
  stream: new ReadableStream({ start: controller => controller.close() }),
  [Symbol.asyncDispose]: async () => {},
});

/** The bytes as they are asked for: what is not read stays in the socket, and the service waits. */
function bodyOf(
  answer: IncomingMessage,
  { signal, timeoutMs, translate }: ReadContext,
): Pick<ReadResult, 'stream'> & AsyncDisposable {
  const watch = new Watch(timeoutMs, () => answer.destroy(tooSlow(timeoutMs)));
  const aborting = onAbort(signal, () => answer.destroy(abortedError(signal as AbortSignal, 'read')));
  const release = (): void => {
    watch[Symbol.dispose]();
    aborting[Symbol.dispose]();
  };
  answer.once('close', release);
  answer.on('error', () => {}); // told by the next read
  if (signal?.aborted) answer.destroy(abortedError(signal, 'read'));
  const chunks: AsyncIterator<Buffer> = answer[Symbol.asyncIterator]();
  const end = async (): Promise<void> => {
    release();
    const { socket } = answer;
    // Read to its end, its connection serves the next request by now.
    if (answer.readableEnded || socket.destroyed) return;
    const closed = new Promise<void>(resolve => socket.once('close', () => resolve()));
    answer.destroy();
    await closed;
  };
  return {
    stream: new ReadableStream(
      {
        async pull(controller) {
          watch.start();
          try {
            const { done, value } = await chunks.next();
            watch.stop();
            if (done) {
              release();
              return controller.close();
            }
            paceCollection(value.byteLength);
            controller.enqueue(
              new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength),
            );
          } catch (error) {
            await end();
            throw translate(connectionError(error, true));
          }
        },
        cancel: end,
      },
      { highWaterMark: 0 },
    ),
    [Symbol.asyncDispose]: end,
  };
}
