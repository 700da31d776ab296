import type { Source } from '../src/content/source.ts';
import { FieldFileError } from '../src/errors/field-file-error.ts';
import type { ObjectName } from '../src/names/object-name.ts';
import type {
  Backend,
  BackendLimits,
  Candidates,
  ObjectInfo,
  ObjectVersion,
} from '../src/storage/backend.ts';

/** A backend that keeps names and no bytes: shows which names reach a backend, and can answer with another one. */
export class NameRecorder implements Backend {
  readonly id = 'name-recorder';
  readonly limits: BackendLimits = {
    maxNameBytes: 1024,
    maxSegmentBytes: 255,
    maxObjectBytes: 1024,
    maxStreamBytes: 1024,
  };
  readonly listOrder = 'utf-8';
  readonly names: ObjectName[] = [];
  readonly #answer: (name: ObjectName) => string;

  constructor(answer: (name: ObjectName) => string = name => name) {
    this.#answer = answer;
  }

  async create(source: Source, candidates: Candidates): Promise<ObjectInfo> {
    let name = candidates.first;
    while (this.names.includes(name)) name = await candidates.next(name);
    this.names.push(name);
    let sizeBytes = 0;
    for await (const chunk of source.open()) sizeBytes += chunk.byteLength;
    return {
      name: this.#answer(name) as ObjectName,
      sizeBytes,
      version: '1' as ObjectVersion,
      lastModified: new Date(0),
      metadata: {},
    };
  }

  undo(): Promise<never> {
    return unsupported('undo');
  }

  replace(): Promise<never> {
    return unsupported('replace');
  }

  read(): Promise<never> {
    return unsupported('read');
  }

  info(): Promise<never> {
    return unsupported('info');
  }

  remove(): Promise<never> {
    return unsupported('remove');
  }

  list(): never {
    throw unsupportedError('list');
  }
}

const unsupported = (operation: string): Promise<never> => Promise.reject(unsupportedError(operation));

const unsupportedError = (operation: string): FieldFileError =>
  new FieldFileError('unsupported', `A name recorder cannot ${operation}.`, { operation });
