import { Attempts, type ObjectName } from '@fieldfile/storage/backend';
import type { AzureContext } from './context.ts';
import { isRefused, isTaken } from './errors.ts';
import type { Call } from './request.ts';

/**
 * Repeats a conditional request, which does no harm twice: nobody else can, since the content was read from already.
 * After an answer was lost, a refusal may be that of what the request itself has made; `own` finds that.
 *
 * @throws what happened, as it came: the first failure that may have happened all the same, if there was one.
 */
export async function again<T, Own>(
  { explain, settings }: AzureContext,
  call: Call,
  name: ObjectName,
  act: () => Promise<T>,
  own: () => Promise<Own | undefined>,
): Promise<T | Own> {
  const attempts = new Attempts(settings.retry, call.signal);
  let lost: { readonly error: unknown } | undefined;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      const found = lost && isRefused(error) ? await own() : undefined;
      if (found) return found;
      if (!isRefused(error)) lost ??= { error };
      const told = explain(call.explain(error), 'create', name);
      await attempts.orThrow(told).catch(ended => {
        throw ended === told ? (!isTaken(error) && lost?.error) || error : ended;
      });
    }
  }
}
