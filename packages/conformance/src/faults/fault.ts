import { FieldFileError } from '@fieldfile/storage';
import type { BackendCall } from './intercept.ts';

/** The error a fault throws, made for the call it strikes. */
export type MakeError = (call: BackendCall) => unknown;

/** What can go wrong with one call. */
export type Fault =
  /** The call never reaches the backend. */
  | { readonly kind: 'before'; readonly error: MakeError }
  /** The backend does it, the caller is told otherwise. */
  | { readonly kind: 'after'; readonly error: MakeError }
  /** The content of a write, the body of a read or the pages of a listing break after so many bytes (pages). */
  | { readonly kind: 'half-way'; readonly after: number; readonly error: MakeError }
  /** The body of a read ends after so many bytes as if it were whole. */
  | { readonly kind: 'short'; readonly afterBytes: number }
  /** The call waits for `until` before it reaches the backend. */
  | { readonly kind: 'wait'; readonly until: PromiseLike<unknown> };

/** The call fails before anything happens. Default: `throttled`, which may be retried. */
export const before = (error: MakeError = throttled): Fault => ({ kind: 'before', error });

/** The call is done, but its answer is lost. Default: `timeout`, `applied: 'unknown'`. */
export const lostAnswer = (error: MakeError = timedOut): Fault => ({ kind: 'after', error });

/** Bytes stop after `after` of them (a listing: pages). Default: a `backend` error as of a reset connection. */
export const halfWay = (after: number, error: MakeError = reset): Fault => ({
  kind: 'half-way',
  after,
  error,
});

/** A body ends early without an error, as from a proxy that hides a reset. */
export const shortBody = (afterBytes: number): Fault => ({ kind: 'short', afterBytes });

/** Latency, as long as the promise takes. */
export const waitFor = (until: PromiseLike<unknown>): Fault => ({ kind: 'wait', until });

/** Too many requests: nothing was done, try again. */
export const throttled: MakeError = call =>
  new FieldFileError('throttled', `Injected: too many requests (${call.operation}).`, {
    operation: call.operation,
    name: call.name,
    retryable: true,
  });

/** No answer came: nobody can tell whether it was done. */
export const timedOut: MakeError = call =>
  new FieldFileError('timeout', `Injected: no answer came (${call.operation}).`, {
    operation: call.operation,
    name: call.name,
    retryable: true,
    applied: 'unknown',
  });

/** The connection broke: try again. */
export const reset: MakeError = call =>
  new FieldFileError('backend', `Injected: connection reset (${call.operation}).`, {
    operation: call.operation,
    name: call.name,
    retryable: true,
  });

/** No right to do that: trying again is of no use. */
export const refused: MakeError = call =>
  new FieldFileError('permission', `Injected: forbidden (${call.operation}).`, {
    operation: call.operation,
    name: call.name,
  });
