import type { Backend, Source } from '@fieldfile/storage';
import { isSource, type ListPage, type ReadResult } from '@fieldfile/storage/backend';
import type { Fault, MakeError } from './fault.ts';
import { type BackendCall, intercept, type Operation } from './intercept.ts';

/** Which calls a fault strikes. */
export interface PlannedFault {
  readonly on: Operation;
  /** The how-manieth calls of that operation (and name), from 1. Default: every one. */
  readonly nth?: number | readonly number[];
  /** Only calls for this name. Default: any. */
  readonly name?: string;
  readonly fault: Fault;
}

/**
 * A backend whose calls fail as planned: before they are made, after they were done (a lost answer), half-way, or late.
 * Several faults may strike one call.
 *
 * @example
 * ```ts
 * import { lostAnswer, withFaults } from '@fieldfile/conformance';
 * import { Storage } from '@fieldfile/storage';
 * import { MemoryStorage } from '@fieldfile/memory';
 *
 * const { backend } = new MemoryStorage();
 * const storage = new Storage(withFaults(backend, [{ on: 'create', nth: 1, fault: lostAnswer() }]));
 * await storage.save('a.txt', 'stored once');
 * ```
 */
export function withFaults<B extends Backend>(backend: B, plan: readonly PlannedFault[]): B {
  const counters = plan.map(planned => ({ planned, calls: 0 }));
  const striking = (call: BackendCall): readonly Fault[] =>
    counters.flatMap(counter => {
      const { on, name, nth, fault } = counter.planned;
      if (on !== call.operation || (name !== undefined && name !== call.name)) return [];
      counter.calls += 1;
      return nth === undefined || [nth].flat().includes(counter.calls) ? [fault] : [];
    });
  return intercept(backend, {
    call: (call, proceed) => strike(call, striking(call), proceed),
    list: (call, proceed) => strikeListing(call, striking(call), proceed),
  });
}

async function strike(
  call: BackendCall,
  faults: readonly Fault[],
  proceed: (given?: readonly unknown[]) => Promise<unknown>,
): Promise<unknown> {
  let given = call.given;
  for (const fault of faults) {
    if (fault.kind === 'wait') await fault.until;
    if (fault.kind === 'before') throw fault.error(call);
    if (fault.kind === 'half-way')
      given = given.map(value =>
        isSource(value) ? breakSource(value, fault.after, call, fault.error) : value,
      );
  }
  let result = await proceed(given);
  for (const fault of faults) {
    if (fault.kind === 'after') throw fault.error(call);
    if (call.operation !== 'read') continue;
    if (fault.kind === 'half-way')
      result = cutBody(result as ReadResult, fault.after, () => fault.error(call));
    if (fault.kind === 'short') result = cutBody(result as ReadResult, fault.afterBytes, undefined);
  }
  return result;
}

async function* strikeListing(
  call: BackendCall,
  faults: readonly Fault[],
  proceed: () => AsyncIterable<ListPage>,
): AsyncGenerator<ListPage> {
  let pages = 0;
  const broken = faults.find(fault => fault.kind === 'half-way');
  for (const fault of faults) {
    if (fault.kind === 'wait') await fault.until;
    if (fault.kind === 'before') throw fault.error(call);
  }
  for await (const page of proceed()) {
    if (broken && pages++ === broken.after) throw broken.error(call);
    yield page;
  }
  for (const fault of faults) if (fault.kind === 'after') throw fault.error(call);
}

/** `local` is left out: a kernel copy would not pass through here. */
function breakSource(source: Source, afterBytes: number, call: BackendCall, error: MakeError): Source {
  return {
    ...(source.sizeBytes === undefined ? {} : { sizeBytes: source.sizeBytes }),
    replayable: source.replayable,
    async *open(signal) {
      let left = afterBytes;
      for await (const chunk of source.open(signal)) {
        if (chunk.byteLength < left) yield chunk;
        else {
          if (left > 0) yield chunk.subarray(0, left);
          throw error(call);
        }
        left -= chunk.byteLength;
      }
    },
  };
}

/** Lets `limit` bytes through, then fails with `error`, or ends. */
function cutBody(result: ReadResult, limit: number, error: (() => unknown) | undefined): ReadResult {
  const reader = result.stream.getReader();
  let left = limit;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        if (left > 0) {
          const { done, value } = await reader.read();
          if (done) return controller.close();
          const chunk = value.subarray(0, left);
          left -= chunk.byteLength;
          return controller.enqueue(chunk);
        }
        await reader.cancel();
        if (error) throw error();
        controller.close();
      },
      cancel: reason => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return { info: result.info, stream: body, [Symbol.asyncDispose]: () => result[Symbol.asyncDispose]() };
}
