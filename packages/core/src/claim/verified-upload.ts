import {
  type CallOptions,
  type Digest,
  FieldFileError,
  type ObjectInfo,
  type OpenedObject,
  type Source,
} from '@fieldfile/storage';
import { runningDigest } from '@fieldfile/storage/backend';
import { disposing } from '@fieldfile/storage/internal';
import { computedContent } from '../field/computed-content.ts';
import type { DeclaredField } from '../field/declared-field.ts';
import { DETECTED_BYTES, detector } from '../field/detector.ts';
import { inspected } from '../field/inspected.ts';
import { throughInspector } from '../field/inspecting.ts';
import { essenceOf } from '../field/media-type.ts';
import { type DescribedContent, describedContent } from '../field/named-content.ts';
import type { Description } from '../field/offered.ts';
import type { ClaimedUpload } from './claim-token.ts';
import { type FoundUpload, needsSha256, type Opening } from './found-upload.ts';

/**
 * Holds what was uploaded against what was claimed, and against what the field takes by now.
 *
 * The bytes are read where nothing else tells: all of them for an inspector or a digest that the service has not computed, else
 * as far as computed columns take, or the first ones, for their type. They are read once.
 *
 * @returns what its columns tell.
 * @throws `integrity`, `not-accepted`, `too-large`: it is not to be kept. `not-inspected`: that could not be found out.
 */
export async function verifiedUpload(
  field: DeclaredField,
  claim: ClaimedUpload,
  found: FoundUpload,
  options: CallOptions,
): Promise<Description> {
  const { originalName, contentType, sizeBytes, digest } = claim;
  const { info } = found;
  requireClaimed(field, claim, info);
  const named = describedContent({ name: originalName, contentType, sizeBytes }, field.rules);
  const isTold = digest !== undefined && isSame(digest, info.digest);
  const isWhole = field.inspector !== undefined || needsSha256(field, claim) || (digest && !isTold) === true;
  const { sha256, computed } = await (isWhole || field.computed
    ? read(field, claim, named, found, { ...options, isWhole })
    : checkType(field, claim, named, found, options));
  return { ...{ sizeBytes, contentType: named.contentType ?? contentType, originalName, sha256 }, computed };
}

/** What the bytes tell. */
type Read = Pick<Description, 'sha256' | 'computed'>;

async function read(
  field: DeclaredField,
  claim: ClaimedUpload,
  named: DescribedContent,
  found: FoundUpload,
  { isWhole, ...options }: CallOptions & { readonly isWhole: boolean },
): Promise<Read> {
  return withOpened(field, claim, found, options, async ({ info, stream }) => {
    const content = {
      ...named,
      from: { sizeBytes: info.sizeBytes, replayable: false, open: () => stream },
    };
    const { from } = claim.isTypeKnown ? content : await inspected(content, options);
    // Of what can be read again columns are computed first, without the rest.
    const given = { ...(from as Source), replayable: !isWhole };
    const { source, values } = await computedContent(given, field, named, options);
    const sha256 = isWhole
      ? await digested(field, claim, throughInspector(source, field, named), options)
      : knownSha256(claim);
    return { sha256, computed: values() };
  });
}

/** Reads all of it. @returns its SHA-256, where the field wants to know it. */
async function digested(
  field: DeclaredField,
  claim: ClaimedUpload,
  content: Source,
  { signal }: CallOptions,
): Promise<string | null> {
  const { digest, sizeBytes } = claim;
  const algorithms = new Set(digest ? [digest.algorithm] : []);
  if (needsSha256(field, claim)) algorithms.add('sha256');
  const running = new Map(Array.from(algorithms, algorithm => [algorithm, runningDigest(algorithm)]));
  let read = 0;
  for await (const chunk of content.open(signal)) {
    read += chunk.byteLength;
    for (const digesting of running.values()) digesting.update(chunk);
  }
  if (read !== sizeBytes) throw differs(field, claim, `has ${read} bytes`);
  const digests = new Map(Array.from(running, ([algorithm, one]) => [algorithm, one.base64()]));
  if (digest && digests.get(digest.algorithm) !== digest.base64)
    throw differs(field, claim, 'has another digest');
  return digests.get('sha256') ?? null;
}

/** What the service tells. */
function requireClaimed(field: DeclaredField, claim: ClaimedUpload, info: ObjectInfo): void {
  if (info.sizeBytes !== claim.sizeBytes) throw differs(field, claim, `has ${info.sizeBytes} bytes`);
  if ((info.contentEncoding ?? '') !== (claim.contentEncoding ?? ''))
    throw differs(field, claim, 'is encoded otherwise');
  if ((info.contentDisposition ?? '') !== (claim.contentDisposition ?? ''))
    throw differs(field, claim, 'is to be saved as something else');
  if (claim.isTypeOpen && essenceOf(info.contentType) !== essenceOf(claim.contentType))
    throw differs(field, claim, `has the type ${info.contentType}`);
}

async function checkType(
  field: DeclaredField,
  claimed: ClaimedUpload,
  { claim, contentType }: DescribedContent,
  found: FoundUpload,
  options: CallOptions,
): Promise<Read> {
  const library = claim && !claimed.isTypeKnown && (await detector());
  if (library) {
    const { checkContent } = await import('../field/content-check.ts');
    const opening = { ...options, endExclusive: DETECTED_BYTES };
    const bytes =
      claimed.sizeBytes === 0
        ? new Uint8Array(0)
        : await withOpened(field, claimed, found, opening, opened => opened.bytes());
    await checkContent(claim, contentType, bytes, library);
  }
  return { sha256: knownSha256(claimed), computed: undefined };
}

/**
 * What was opened when it was found, or the version that was looked at: whatever is read of it is what a row will have. What a
 * client told of its parts may have been counted by nobody before.
 */
function withOpened<T>(
  field: DeclaredField,
  claim: ClaimedUpload,
  { info, opened: given }: FoundUpload,
  opening: Opening,
  use: (opened: OpenedObject) => Promise<T>,
): Promise<T> {
  const measured = async (opened: OpenedObject): Promise<T> => {
    const { sizeBytes } = opened.info;
    if (sizeBytes !== claim.sizeBytes) throw differs(field, claim, `has ${sizeBytes} bytes`);
    return use(opened);
  };
  if (given) return measured(given);
  const open = field.storage.open(info.name, { ...opening, ifMatch: info.version });
  return open.then(opened => disposing(opened, measured));
}

const knownSha256 = ({ digest }: ClaimedUpload): string | null =>
  digest?.algorithm === 'sha256' ? digest.base64 : null;

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
