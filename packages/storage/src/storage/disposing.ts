/**
 * Uses a resource and disposes of it, however that ends. In place of `await using`, which Node 22 cannot parse and which
 * compiles to a helper of sixty lines in every file.
 */
export async function disposing<R extends AsyncDisposable, T>(
  resource: R,
  use: (resource: R) => Promise<T>,
): Promise<T> {
  try {
    return await use(resource);
  } finally {
    await resource[Symbol.asyncDispose]();
  }
}
