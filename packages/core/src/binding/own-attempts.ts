import { isDeadlock } from './refusals.ts';

/** As often are statements of the library's own sent that met a deadlock: each time somebody else has got on. */
export const OWN_ATTEMPTS = 30;

/** Runs a transaction of the library's own again where it met a deadlock. */
export async function whileDeadlocked<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await transaction();
    } catch (error) {
      if (attempt === OWN_ATTEMPTS || !isDeadlock(error)) throw error;
      await pauseAfter(attempt);
    }
}

/** Lets the others get on, a random time, so that two do not meet again. */
export const pauseAfter = (attempt: number): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, Math.random() * Math.min(2 ** attempt, 100)));
