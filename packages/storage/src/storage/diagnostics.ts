/** What is published on the diagnostics channel `fieldfile:operation` after every storage operation. */
export interface OperationEvent {
  readonly operation: string;
  /** `Storage.id`. */
  readonly storage: string;
  /** Of the object; `''` for an operation on many. */
  readonly name: string;
  readonly milliseconds: number;
  readonly error?: unknown;
}

const channel = globalThis.process
  ?.getBuiltinModule?.('node:diagnostics_channel')
  ?.channel('fieldfile:operation');

type Channel = NonNullable<typeof channel>;

/**
 * Runs an operation and tells whoever subscribed how it went. Costs a property read when nobody did.
 *
 * @see https://nodejs.org/api/diagnostics_channel.html
 */
export function observed<T>(
  operation: string,
  storage: string,
  name: string,
  run: () => Promise<T>,
): Promise<T> {
  return channel?.hasSubscribers ? publishing(channel, { operation, storage, name }, run) : run();
}

async function publishing<T>(
  channel: Channel,
  about: Pick<OperationEvent, 'operation' | 'storage' | 'name'>,
  run: () => Promise<T>,
): Promise<T> {
  const start = performance.now();
  const publish = (outcome: { readonly error?: unknown }): void =>
    channel.publish({ ...about, milliseconds: performance.now() - start, ...outcome });
  try {
    const result = await run();
    publish({});
    return result;
  } catch (error) {
    publish({ error });
    throw error;
  }
}
