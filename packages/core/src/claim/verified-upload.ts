import {
  type CallOptions,
  type Digest,
  FieldFileError,
  type ObjectInfo,
  type Source,
  type Storage,
} from '@fieldfile/storage';
import { runningDigest } from '@fieldfile/storage/backend';
import { disposing } from '@fieldfile/storage/internal';
import { computedContent } from '../field/computed-content.ts';
import type { DeclaredField } from '../field/declared-field.ts';
import { DETECTED_BYTES, detector } from '../field/detector.ts';
import { throughInspector } from '../field/inspecting.ts';
import { essenceOf } from '../field/media-type.ts';
import { describedContent } from '../field/named-content.ts';
import type { Description } from '../field/offered.ts';
import type { ClaimedUpload } from './claim-token.ts';

/**
 * Holds what was uploaded against what was claimed, and against what the field takes by now.
 *
 * The bytes are read where nothing else tells: all of them for an inspector or a digest that the service has not computed, else
 * the first ones, for their type.
 *
 * @returns what its columns tell.
 * @throws `integrity`, `not-accepted`, `too-large`: it is not to be kept. `not-inspected`: that could not be found out.
 */
export async function verifiedUpload(
  field: DeclaredField,
  storage: Storage,
  claim: ClaimedUpload,
  info: ObjectInfo,
  options: CallOptions,
): Promise<Description> {
  const { originalName, contentType, sizeBytes, digest } = claim;
  requireClaimed(field, claim, info);
  const named = describedContent({ name: originalName, contentType, sizeBytes }, field.rules);
  if (named.claim && !claim.isTypeKnown) await checkType(field, claim, storage, info, named, options);
  const needsSha256 = field.columns.digest !== undefined && digest?.algorithm !== 'sha256';
  const isTold = digest !== undefined && isSame(digest, info.digest);
  let sha256 = digest?.algorithm === 'sha256' ? digest.base64 : null;
  if (field.inspector || needsSha256 || (digest && !isTold)) {
    const algorithms = new Set([...(digest ? [digest.algorithm] : []), ...(needsSha256 ? ['sha256'] : [])]);
    const running = new Map(Array.from(algorithms, algorithm => [algorithm, runningDigest(algorithm)]));
    const content = throughInspector(storedSource(storage, info), field, named);
    let read = 0;
    for await (const chunk of content.open(options.signal)) {
      read += chunk.byteLength;
      for (const digesting of running.values()) digesting.update(chunk);
    }
    if (read !== sizeBytes) throw differs(field, claim, `has ${read} bytes`);
    const found = new Map(Array.from(running, ([algorithm, one]) => [algorithm, one.base64()]));
    if (digest && found.get(digest.algorithm) !== digest.base64)
      throw differs(field, claim, 'has another digest');
    if (needsSha256) sha256 = found.get('sha256') ?? null;
  }
  const { values } = await computedContent(storedSource(storage, info), field, named, options);
  return {
    ...{ sizeBytes, contentType: named.contentType ?? contentType, originalName, sha256 },
    computed: values(),
  };
}

/** What the service tells. */
function requireClaimed(field: DeclaredField, claim: ClaimedUpload, info: ObjectInfo): void {
  if (info.sizeBytes !== claim.sizeBytes) throw differs(field, claim, `has ${info.sizeBytes} bytes`);
  if ((info.contentEncoding ?? '') !== (claim.contentEncoding ?? ''))
    throw differs(field, claim, 'is encoded otherwise');
  if (claim.isTypeOpen && essenceOf(info.contentType) !== essenceOf(claim.contentType))
    throw differs(field, claim, `has the type ${info.contentType}`);
}

async function checkType(
  field: DeclaredField,
  claimed: ClaimedUpload,
  storage: Storage,
  { name, version }: ObjectInfo,
  { claim, contentType }: ReturnType<typeof describedContent>,
  options: CallOptions,
): Promise<void> {
  const found = claim && (await detector());
  if (!found) return;
  const { checkContent } = await import('../field/content-check.ts');
  const opened = await storage.open(name, { ...options, endExclusive: DETECTED_BYTES, ifMatch: version });
  const { sizeBytes } = opened.info;
  const bytes = await disposing(opened, file => file.bytes());
  if (sizeBytes !== claimed.sizeBytes) throw differs(field, claimed, `has ${sizeBytes} bytes`);
  await checkContent(claim, contentType, bytes, found);
}

/** The version that was looked at: whatever is read of it is what a row will have. */
function storedSource(storage: Storage, { name, version, sizeBytes }: ObjectInfo): Source {
  return {
    sizeBytes,
    replayable: true,
    async *open(signal) {
      await using opened = await storage.open(name, { ifMatch: version, ...(signal ? { signal } : {}) });
      yield* opened.stream;
    },
  };
}

const isSame = (one: Digest, other: Digest | undefined): boolean =>
  one.algorithm === other?.algorithm && one.base64 === other.base64;

const differs = (
  { label }: DeclaredField,
  { name, originalName }: ClaimedUpload,
  how: string,
): FieldFileError =>
  new FieldFileError(
    'integrity',
    `What was uploaded for ${label} as ${JSON.stringify(originalName)} ${how}, and not what was claimed: it is not kept.`,
    { operation: 'redeem', field: label, name, applied: false },
  );
