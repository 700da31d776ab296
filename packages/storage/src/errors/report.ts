let onError: (error: unknown) => void = error => {
  globalThis.process?.emitWarning?.(error instanceof Error ? error : String(error), 'FieldFileWarning');
};

export function configureReport(handler: (error: unknown) => void): void {
  onError = handler;
}

/** Tells of a failure nobody awaits any more, such as removing a replaced object after the commit. */
function report(error: unknown): void {
  try {
    onError(error);
  } catch {
    // A reporter that throws has nobody left to tell.
  }
}

/** Runs what nobody awaits the outcome of. */
export async function reported(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    report(error);
  }
}
