import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { type ErrorCode, type FieldFileError, isFieldFileError } from '@fieldfile/storage';

/** The FieldFile error of that code that the call must reject with. */
export async function rejectsWith(
  code: ErrorCode | readonly ErrorCode[],
  call: PromiseLike<unknown> | (() => PromiseLike<unknown>),
  what = 'the call',
): Promise<FieldFileError> {
  const error = await rejection(call, what);
  assert.ok(isFieldFileError(error), `${what} rejected with ${describe(error)}, which is no FieldFileError`);
  assert.ok(
    [code].flat().includes(error.code),
    `${what} rejected with "${error.code}" (${error.message}), not with "${code}"`,
  );
  return error;
}

/** Whatever the call rejects with; it must. */
export async function rejection(
  call: PromiseLike<unknown> | (() => PromiseLike<unknown>),
  what = 'the call',
): Promise<unknown> {
  let value: unknown;
  try {
    value = await (typeof call === 'function' ? call() : call);
  } catch (error) {
    return error;
  }
  assert.fail(`${what} answered ${describe(value)} instead of failing`);
}

export function sameBytes(actual: Uint8Array, expected: Uint8Array, what = 'the content'): void {
  if (Buffer.compare(actual, expected) === 0) return;
  const at = expected.findIndex((byte, index) => byte !== actual[index]);
  assert.fail(
    actual.byteLength === expected.byteLength
      ? `${what} differs from byte ${at}`
      : `${what} has ${actual.byteLength} bytes, not ${expected.byteLength}`,
  );
}

/** @throws AssertionError when anybody still listens. Removal may take until the end of the turn. */
export async function noListeners(signal: AbortSignal): Promise<void> {
  await turn();
  const count = getEventListeners(signal, 'abort').length;
  assert.equal(count, 0, `${count} listeners are left on the signal`);
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

function describe(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return inspect(value, { depth: 1, maxArrayLength: 3, maxStringLength: 100 });
}
