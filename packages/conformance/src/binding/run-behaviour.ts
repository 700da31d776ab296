import assert from 'node:assert/strict';
import { configure } from '@fieldfile/core';
import { within } from '../contract/within.ts';
import { type BindingBehaviour, BindingContext } from './context.ts';
import type { BindingContractSettings } from './options.ts';

/**
 * Runs one behaviour on a database and a storage of its own. Whatever it is about, at its end the objects are those
 * that rows name, the journal is empty, and nothing went wrong unseen.
 */
export async function runBehaviour(
  behaviour: BindingBehaviour,
  settings: BindingContractSettings,
): Promise<void> {
  const reported: unknown[] = [];
  configure({ onError: error => reported.push(error) });
  await using context = await BindingContext.open(settings, behaviour);
  try {
    await within(settings.timeLimitMs, behaviour.run(context), behaviour.id);
    await context.agrees();
  } catch (error) {
    throw context.skipped ?? error;
  }
  if (context.skipped) throw context.skipped;
  assert.deepEqual(reported, [], 'something failed that nobody awaited');
}
