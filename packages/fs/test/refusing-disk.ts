import type { Directory, Disk, OpenFile } from '../src/directory.ts';
import { DiskError } from '../src/disk-error.ts';
import { nodeDisk } from '../src/node-disk.ts';

/** What a call is about: the method and, where it has one, the name. A call that is asynchronous waits for the answer. */
export type Refusal = (method: string, name: string) => boolean | Promise<boolean>;

/** A disk on which some calls, or all, are refused by the system. Closing never is. */
export function refusingDisk(code: string, refuses: Refusal = () => true): Disk {
  return path => refusing(nodeDisk(path), code, refuses);
}

function refusing<T extends Directory | OpenFile>(real: T, code: string, refuses: Refusal): T {
  return new Proxy(real, {
    get(_, property) {
      if (property === REAL) return real;
      const value = Reflect.get(real, property, real) as unknown;
      if (typeof value !== 'function' || typeof property !== 'string' || property === 'close')
        return typeof value === 'function' ? value.bind(real) : value;
      return (...given: unknown[]) => {
        const [name] = given;
        const act = (isRefused: boolean): unknown => {
          if (isRefused) return failed(property, new DiskError(code, `${property} was refused`));
          const answer: unknown = value.apply(
            real,
            given.map(argument => unwrap(argument)),
          );
          return answer instanceof Promise ? answer.then(result => wrap(result, code, refuses)) : answer;
        };
        const refused = refuses(property, typeof name === 'string' ? name : '');
        return refused instanceof Promise ? refused.then(act) : act(refused);
      };
    },
  });
}

const REAL = Symbol('real');

const unwrap = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? (Reflect.get(value, REAL) ?? value) : value;

/** Directories and files that a call opened are refused to, too. */
function wrap(value: unknown, code: string, refuses: Refusal): unknown {
  const isHandle = typeof value === 'object' && value !== null && 'close' in value;
  return isHandle ? refusing(value as Directory | OpenFile, code, refuses) : value;
}

function failed(method: string, error: DiskError): Promise<never> {
  if (method === 'stamp') throw error;
  return Promise.reject(error);
}
