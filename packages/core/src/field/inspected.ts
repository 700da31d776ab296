import { type CallOptions, FieldFileError } from '@fieldfile/storage';
import { contentTypeOf } from '@fieldfile/storage/backend';
import { disposing } from '@fieldfile/storage/internal';
import { DETECTED_BYTES, detector } from './detector.ts';
import { isScriptable } from './media-type.ts';
import type { DescribedContent, NamedContent } from './named-content.ts';
import { isSnapshot, type Snapshot } from './snapshot.ts';

/** Kept: an `import()` of what is loaded already still looks for it. */
let loading: Promise<typeof import('./content-check.ts')> | undefined;

/**
 * Content whose first bytes are what its type says. A stream that was looked into is given back whole, in a source of its
 * own: use what comes back.
 *
 * @throws `not-accepted`.
 */
export async function inspected(content: NamedContent, { signal }: CallOptions): Promise<NamedContent> {
  const { claim, from, contentType } = content;
  const found = claim && (await detector());
  if (!found) return content;
  loading ??= import('./content-check.ts');
  const { checkContent, firstBytes } = await loading;
  if (isSnapshot(from)) {
    await checkContent(claim, contentType, await storedBytes(from, signal), found);
    return content;
  }
  const { bytes, source } = await firstBytes(from, DETECTED_BYTES, signal);
  try {
    await checkContent(claim, contentType, bytes, found);
  } catch (error) {
    source.release?.();
    throw error;
  }
  return { ...content, from: source };
}

/**
 * Refuses a name that a server would show as what the file was not approved to be: `uploadTo`, or the storage's names,
 * may have made another extension of it.
 *
 * @throws `not-accepted`.
 */
export function requireHarmless(objectName: string, { claim, contentType }: DescribedContent): void {
  const served = contentTypeOf(objectName);
  if (!claim || served === undefined || !isScriptable(served)) return;
  if (served === contentTypeOf(claim.filename)) return;
  throw new FieldFileError(
    'not-accepted',
    `${claim.label} would store ${JSON.stringify(claim.filename)} (${contentType ?? 'unknown type'}) as ` +
      `${JSON.stringify(objectName)}, which is served as ${served}: make another name in uploadTo.`,
    { operation: 'save', field: claim.label, name: objectName },
  );
}

async function storedBytes(from: Snapshot, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const opened = await from.open({ endExclusive: DETECTED_BYTES, ...(signal ? { signal } : {}) });
  return disposing(opened, file => file.bytes());
}
