import assert from 'node:assert/strict';
import { type Backend, type RetryOptions, Storage, type StorageOptions } from '@fieldfile/storage';
import { type ObjectName, objectName } from '@fieldfile/storage/backend';
import { type Behaviour, Skip } from '../contract/behaviour.ts';
import { within } from '../contract/within.ts';
import { type PlannedFault, withFaults } from '../faults/with-faults.ts';
import type { Feature, StorageContractSettings, StorageUnderTest } from './options.ts';

export type StorageBehaviour = Behaviour<StorageContext>;

/** Retries without waiting: behaviours inject their faults, and time is not what they look at. */
const AT_ONCE: RetryOptions = { baseDelayMs: 0 };

/** What a behaviour of the storage contract gets to work with. */
export class StorageContext {
  readonly subject: StorageUnderTest;
  readonly settings: StorageContractSettings;

  constructor(subject: StorageUnderTest, settings: StorageContractSettings) {
    this.subject = subject;
    this.settings = settings;
  }

  get storage(): Storage {
    return this.subject.storage;
  }

  get backend(): Backend {
    return this.subject.storage.backend;
  }

  /** A raw name, for calls to the backend itself. */
  objectName(name: string): ObjectName {
    return objectName(name, this.backend.limits, 'test', this.backend.id);
  }

  /** Another storage around a wrapped backend of this one. */
  around(backend: Backend, options: StorageOptions = {}): Storage {
    return new Storage(backend, { names: this.storage.names, retry: AT_ONCE, ...options });
  }

  /** This storage, with faults in between. */
  faulty(plan: readonly PlannedFault[], retry: RetryOptions = AT_ONCE): Storage {
    return this.around(withFaults(this.backend, plan), { retry });
  }

  /** @throws Skip where the service lacks the feature. */
  needs(feature: Feature): void {
    const reason = this.settings.lacks[feature];
    if (reason !== undefined) throw new Skip(reason);
  }

  /** One of the subject's optional methods. @throws Skip where it has none. */
  offered<M extends 'reopen' | 'crash' | 'forbidden' | 'astray' | 'faltering' | 'giving' | 'fetch'>(
    method: M,
  ): NonNullable<StorageUnderTest[M]> {
    const offered = this.subject[method];
    if (!offered) throw new Skip(`create() offers no ${method}()`);
    return offered.bind(this.subject) as NonNullable<StorageUnderTest[M]>;
  }

  /** The promise's outcome, or a failure when there is none within the deadline. */
  soon<T>(promise: PromiseLike<T>, what: string): Promise<T> {
    return within(this.settings.deadlineMs, promise, what);
  }

  async read(name: string, storage: Storage = this.storage): Promise<Uint8Array<ArrayBuffer>> {
    await using opened = await storage.open(name);
    return await opened.bytes();
  }

  async text(name: string, storage: Storage = this.storage): Promise<string> {
    await using opened = await storage.open(name);
    return await opened.text();
  }

  /** All names below a prefix, as listed. */
  async names(prefix = '', storage: Storage = this.storage): Promise<string[]> {
    const names: string[] = [];
    for await (const { name } of storage.list(prefix)) names.push(name);
    return names;
  }

  /** @throws AssertionError unless exactly these objects are there. */
  async holds(names: readonly string[]): Promise<void> {
    assert.deepEqual((await this.names()).sort(), [...names].sort(), 'other objects are there than expected');
  }

  /** @throws AssertionError when anything is left beside the objects, or in use. */
  async nothingLeft(): Promise<void> {
    const residue = await this.subject.residue?.();
    assert.deepEqual(residue ?? [], [], 'something is left beside the objects');
    const sockets = await this.subject.sockets?.();
    assert.ok((sockets ?? 0) <= 0, `${sockets} sockets or file descriptors are still in use`);
  }
}
