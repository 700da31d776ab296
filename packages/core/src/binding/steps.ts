/** What may have to be waited for. */
export type Awaitable<T> = T | Promise<T>;

/** Work in steps: the same statements for a driver that answers later, and for one that answers at once. */
export type Steps<T> = Generator<unknown, T, unknown>;

/** A step. @returns what it answers. */
export function* step<T>(answer: Awaitable<T>): Steps<T> {
  return (yield answer) as T;
}

/** Waits for every step. */
export async function inTime<T>(steps: Steps<T>): Promise<T> {
  let next = steps.next();
  while (!next.done) {
    let answer: unknown;
    try {
      answer = await next.value;
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next(answer);
  }
  return next.value;
}

/** Takes every step at once: of a driver that answers so. */
export function atOnce<T>(steps: Steps<T>): T {
  let next = steps.next();
  while (!next.done) next = steps.next(next.value);
  return next.value;
}
