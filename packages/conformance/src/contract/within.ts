import assert from 'node:assert/strict';

/** Settles as the promise does; an AssertionError when it does not within a deadline. Keeps no timer afterwards. */
export async function within<T>(deadlineMs: number, promise: PromiseLike<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new assert.AssertionError({ message: `${what} did not settle within ${deadlineMs} ms` })),
      deadlineMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
