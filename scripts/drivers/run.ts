import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runBindingContract } from '@fieldfile/conformance/binding';
import { isFieldFileError } from '@fieldfile/core';
import { MemoryStorage } from '@fieldfile/memory';
import { bindingLoad } from '@fieldfile/test-servers/load';
import type { OtherDriver } from '@fieldfile/test-servers/other-driver';

// Runs the binding contract with one driver, in a process of its own: `run.ts <package> <name>`. Prints what it found as JSON.

export interface FoundOfDriver {
  readonly refusal?: string;
  readonly passed: number;
  readonly skipped: number;
  /** For which the contract could not ask. */
  readonly leftOut: readonly string[];
  readonly failed: readonly { readonly id: string; readonly error: string }[];
}

const [folder = '', name = ''] = process.argv.slice(2);
const file = pathToFileURL(join(import.meta.dirname, '../../packages', folder, 'test/other-drivers.ts'));
const { otherDrivers } = (await import(file.href)) as { readonly otherDrivers: readonly OtherDriver[] };
const driver = otherDrivers.find(one => one.name === name);
if (!driver) throw new Error(`There is no driver ${name}.`);
console.log(JSON.stringify(await found(driver)));
process.exit(); // whatever a driver has left open

async function found(driver: OtherDriver): Promise<FoundOfDriver> {
  if (driver.refused) {
    const error = await driver.refused().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const isTyped = isFieldFileError(error, 'unsupported');
    const failed = isTyped ? [] : [{ id: 'refusal', error: String(error) }];
    return { refusal: isTyped ? error.message : '', passed: 0, skipped: 0, leftOut: [], failed };
  }
  await using started = await driver.start?.();
  if (!started) throw new Error(`${driver.name} cannot be started.`);
  const { behaviours } = await runBindingContract({
    ...bindingLoad,
    name: driver.name,
    lacks: driver.lacks,
    createStorage: async () =>
      new MemoryStorage({ baseUrl: '/media/', signingKey: 'a secret of at least thirty-two bytes' }),
    open: started.open,
  });
  const failures = behaviours.filter(({ outcome }) => outcome === 'failed');
  const isLeftOut = (error: unknown): boolean =>
    driver.cannotBeAsked !== undefined && wholeText(error).includes(driver.cannotBeAsked);
  return {
    passed: behaviours.filter(({ outcome }) => outcome === 'passed').length,
    skipped: behaviours.filter(({ outcome }) => outcome === 'skipped').length,
    leftOut: failures.filter(({ error }) => isLeftOut(error)).map(({ id }) => id),
    failed: failures
      .filter(({ error }) => !isLeftOut(error))
      .map(({ id, error }) => ({ id, error: wholeText(error) })),
  };
}

/** With what it was caused by. */
function wholeText(error: unknown): string {
  const texts: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) texts.push(cause.message);
  return texts.length > 0 ? texts.join('; ') : String(error);
}
