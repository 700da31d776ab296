import type { ContractDatabase } from './contract-database.ts';

/** One database of a server for a file of tests; `open` starts the server when it is needed, and empties the database. */
export interface ServerContract extends AsyncDisposable {
  open(): Promise<ContractDatabase>;
}

/** Starts a server when the first behaviour needs it: a run that leaves these tests out, as the quick one does, has none. */
export function startedOnce(start: () => Promise<ServerContract>): ServerContract {
  let started: Promise<ServerContract> | undefined;
  return {
    async open() {
      started ??= start();
      return (await started).open();
    },
    async [Symbol.asyncDispose]() {
      await (await started)?.[Symbol.asyncDispose]();
    },
  };
}
