import type { SessionClaim } from '../claim/claim.ts';
import { put } from '../claim/whole.ts';
import { attempts } from '../control/attempts.ts';
import { again } from '../errors/again.ts';
import { lostOr } from '../errors/lost-claim.ts';
import { UploadError } from '../errors/upload-error.ts';
import type { Context } from '../upload/context.ts';
import { GONE, type PartsServer } from './parts-server.ts';

/**
 * Sends a file to a session, in one request. After whatever went wrong, the application's server is asked how much of it came, and
 * the rest is sent. The storage could be asked, too; but it does not know whether the claim still holds, and a session that is gone
 * may be answered so that no page can read it.
 *
 * @returns no parts.
 */
export async function sendRest(
  context: Context,
  { session: { url } }: SessionClaim,
  server: PartsServer,
  isNew: boolean,
): Promise<readonly []> {
  const { control, file, patience } = context;
  const { size } = file;
  let known = isNew ? 0 : undefined;
  await attempts(control, file, patience, async signal => {
    const stored = known ?? (await server.stored(signal)).bytes;
    control.confirm(stored);
    if (known === undefined && stored === size) return;
    known = undefined;
    const range = size ? `${stored}-${size - 1}` : '*';
    const headers = { 'content-range': `bytes ${range}/${size}` };
    try {
      await put(context, { method: 'PUT', url, headers }, file.slice(stored), signal);
    } catch (error) {
      // Without XMLHttpRequest, 308 looks like a redirect. By it the service says that it does not have all of it.
      const isPartial = error instanceof UploadError && error.code === 'redirected';
      throw isPartial ? again(error, true) : lostOr(error, GONE);
    }
    control.confirm(size);
  });
  return [];
}
