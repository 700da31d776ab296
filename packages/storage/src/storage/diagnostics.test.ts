import diagnostics from 'node:diagnostics_channel';
import { MemoryStorage } from '@fieldfile/memory';
import { expect, onTestFinished, test } from 'vitest';
import type { OperationEvent } from './diagnostics.ts';

function listen(): OperationEvent[] {
  const events: OperationEvent[] = [];
  const note = (event: unknown): unknown => events.push(event as OperationEvent);
  diagnostics.subscribe('fieldfile:operation', note);
  onTestFinished(() => void diagnostics.unsubscribe('fieldfile:operation', note));
  return events;
}

test('every operation is told with its storage, name and duration', async () => {
  const events = listen();
  const storage = new MemoryStorage();
  await storage.save('a', 'x');
  await storage.copy('a', 'b');
  await (await storage.open('a'))[Symbol.asyncDispose]();
  await storage.exists('a');
  await storage.delete('a');
  expect(events.map(event => event.operation)).toEqual([
    'create',
    'settle',
    'copy',
    'settle',
    'open',
    'exists',
    'delete',
  ]);
  for (const event of events) {
    expect(event.storage).toBe(storage.id);
    expect(event.milliseconds).toBeGreaterThanOrEqual(0);
    expect(event).not.toHaveProperty('error');
  }
  expect(events.map(event => event.name)).toEqual(['a', 'a', 'b', 'b', 'a', 'a', 'a']);
});

test('a failure is told with its error, which is still thrown', async () => {
  const events = listen();
  const storage = new MemoryStorage();
  const error = await storage.open('absent').catch(error => error);
  expect(events).toEqual([
    { operation: 'open', storage: storage.id, name: 'absent', milliseconds: expect.any(Number), error },
  ]);
});
