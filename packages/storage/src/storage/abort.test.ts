import { getEventListeners } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { throwIfAborted, untilAborted } from './abort.ts';

const never = new Promise<never>(() => {});

test('throws with the reason once the signal has fired', () => {
  throwIfAborted(undefined, 'save');
  throwIfAborted(new AbortController().signal, 'save');
  const reason = new Error('enough');
  expect(() => throwIfAborted(AbortSignal.abort(reason), 'save')).toThrow(
    expect.objectContaining({ code: 'aborted', operation: 'save', cause: reason }),
  );
});

test('settles as the promise does, leaving no listener', async () => {
  const { signal } = new AbortController();
  expect(await untilAborted(Promise.resolve(1), undefined, 'info')).toBe(1);
  expect(await untilAborted(Promise.resolve(1), signal, 'info')).toBe(1);
  const failure = new Error('mine');
  await expect(untilAborted(Promise.reject(failure), signal, 'info')).rejects.toBe(failure);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('rejects as soon as the signal fires, leaving no listener', async () => {
  const controller = new AbortController();
  const waiting = untilAborted(never, controller.signal, 'info');
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'aborted', operation: 'info' });
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

test('a rejection that comes after the abort, or beside one that came before, is handled', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): number => unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const late = Promise.withResolvers<never>();
  const controller = new AbortController();
  const waiting = untilAborted(late.promise, controller.signal, 'info');
  controller.abort();
  await expect(waiting).rejects.toThrow();
  late.reject(new Error('late'));
  const beside = Promise.reject(new Error('beside'));
  await expect(untilAborted(beside, AbortSignal.abort(), 'info')).rejects.toMatchObject({ code: 'aborted' });
  await new Promise(resolve => setImmediate(resolve));
  expect(unhandled).toEqual([]);
});
