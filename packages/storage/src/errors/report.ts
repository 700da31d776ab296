import { shared } from '../shared.ts';

interface Reporting {
  onError: (error: unknown) => void;
}

const reporting: Reporting = shared('report', () => ({ onError: warn }));

function warn(error: unknown): void {
  globalThis.process?.emitWarning?.(error instanceof Error ? error : String(error), 'FieldFileWarning');
}

export function configureReport(handler: (error: unknown) => void): void {
  reporting.onError = handler;
}

/** Reports a failure that no caller waits for, such as removing a replaced object after the commit. */
function report(error: unknown): void {
  try {
    reporting.onError(error);
  } catch {
    // A reporter that throws has nobody left to tell.
  }
}

/** Runs work that no caller waits for. */
export async function reported(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    report(error);
  }
}
