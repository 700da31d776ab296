import { FieldFileError } from '@fieldfile/core';
import { Hono } from 'hono';
import { crash, race } from './crash-lab.ts';
import { type CrashOrder, FAULTS, type Fault, SAVE_STEPS } from './crash-view.ts';

/** The crash lab: one run after another, however many people ask. */
export function crashRoutes(): Hono {
  const routes = new Hono();
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
  routes.post('/api/crash', async context => {
    const order = orderOf(context.req.query('step'), context.req.query('fault'));
    return context.json(await inTurn(() => crash(order)));
  });
  routes.post('/api/race', async context => context.json(await inTurn(race)));
  return routes;
}

function orderOf(step: string | undefined, fault: string | undefined): CrashOrder {
  if (step === undefined && fault === undefined) return { kind: 'nothing' };
  const found = SAVE_STEPS.find(one => one.step === step);
  if (found) return { kind: 'kill', step: found.step };
  if (fault !== undefined && Object.hasOwn(FAULTS, fault)) return { kind: 'fault', fault: fault as Fault };
  throw new FieldFileError('invalid-argument', 'There is no such step or fault.', { operation: 'crash' });
}
