import { FieldFileError } from '../errors/field-file-error.ts';
import { isMistakenFor, sharesFirstLetter } from './mistaken-for.ts';

/**
 * A checked object name: relative, `/`-separated, no dot segments, within the backend's limits.
 * Only {@link objectName} makes one, so a raw name never reaches a provider's SDK.
 */
export type ObjectName = string & { readonly '~brand': 'ObjectName' };

/** What names a storage can hold. */
export interface ObjectNameLimits {
  /** Longest name, in UTF-8 bytes. */
  readonly maxNameBytes: number;
  /** Longest segment between two `/`, in UTF-8 bytes (local disk: 255). */
  readonly maxSegmentBytes?: number;
  /** Most segments, the object's own included. */
  readonly maxSegments?: number;
  readonly refusesBackslash?: boolean;
  /** First segments of a name that the backend keeps for itself, with all that some system takes for the same. */
  readonly reservedSegments?: readonly string[];
}

/**
 * Checks a name against what every storage refuses and against one backend's limits.
 *
 * This is the choke point: whatever a caller, a callback or a backend calls a name passes here before I/O.
 *
 * @throws `suspicious-name` for an absolute name, `.`/`..`/empty segments, a drive, NUL or control characters,
 * a lone surrogate, a reserved segment, or a backslash where the backend would read it as `/`;
 * `name-too-long` beyond the limits.
 */
export function objectName(
  name: string,
  limits: ObjectNameLimits,
  operation: string,
  storage: string,
): ObjectName {
  if (isPlain(name, limits)) return name as ObjectName;
  const refusal = refusalOf(name, limits);
  if (!refusal) return name as ObjectName;
  throw new FieldFileError(
    refusal.code,
    `${JSON.stringify(name)} is no object name: ${refusal.why} (${operation}).`,
    { operation, storage, name },
  );
}

interface Refusal {
  readonly code: 'suspicious-name' | 'name-too-long';
  readonly why: string;
}

function refusalOf(name: string, limits: ObjectNameLimits): Refusal | undefined {
  if (name === '') return suspicious('it is empty');
  if (name.startsWith('/')) return suspicious('it is absolute; give it relative to the storage');
  if (/^[A-Za-z]:/.test(name)) return suspicious('it begins with a drive letter');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\u0000-\u001f\u007f]/.test(name)) return suspicious('it has control characters');
  if (!name.isWellFormed()) return suspicious('it has half a surrogate pair');
  if (limits.refusesBackslash && name.includes('\\'))
    return suspicious('this storage reads a backslash as "/"');
  const segments = name.split('/');
  for (const segment of segments) {
    if (segment === '') return suspicious('it has an empty segment');
    if (segment === '.' || segment === '..') return suspicious('it has a dot segment');
    // A dot segment on a system that reads backslashes as separators.
    if (/(^|\\)\.\.?(\\|$)/.test(segment)) return suspicious('it has a dot segment');
  }
  const [first = ''] = segments;
  if (limits.reservedSegments?.some(reserved => isMistakenFor(first, reserved)))
    return suspicious(`"${first}" is kept for the storage itself`);
  if (isLonger(name, limits.maxNameBytes)) return tooLong(`at most ${limits.maxNameBytes} bytes fit`);
  const { maxSegmentBytes, maxSegments } = limits;
  if (maxSegmentBytes !== undefined && segments.some(segment => isLonger(segment, maxSegmentBytes)))
    return tooLong(`at most ${maxSegmentBytes} bytes fit between two "/"`);
  if (maxSegments !== undefined && segments.length > maxSegments)
    return tooLong(`at most ${maxSegments} segments fit`);
  return undefined;
}

const suspicious = (why: string): Refusal => ({ code: 'suspicious-name', why });

const tooLong = (why: string): Refusal => ({ code: 'name-too-long', why });

const isLonger = (text: string, limit: number): boolean =>
  text.length > limit || (text.length * 3 > limit && utf8Length(text) > limit);

const UNLIMITED: ObjectNameLimits = { maxNameBytes: Number.POSITIVE_INFINITY };

/** Nothing that {@link objectName} could refuse but for its limits. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const PLAIN = /^(?!\/)(?:(?!\/(?:\/|$))[^\u0000-\u001f\u007f\\:\ud800-\udfff])+$/;
/** ASCII that no segment begins with a dot, nothing separates but `/`, and no short name of Windows has. */
const SIMPLE = /^[ -\-0-9;-[\]-}][ -.0-9;-[\]-}]*(?:\/[ -\-0-9;-[\]-}][ -.0-9;-[\]-}]*)*$/;
const DOT_SEGMENT = /(?:^|\/)\.\.?(?:\/|$)/;

/**
 * Whether what a service lists is a name here, of an object or (less its slash) of a folder. Others may have made what is
 * none, such as `folder/`, which nothing could be done with.
 *
 * @param limits of the storage that lists it. Default: none.
 */
export function isObjectName(name: string, limits: ObjectNameLimits = UNLIMITED): name is ObjectName {
  return isPlain(name, limits) || refusalOf(name, limits) === undefined;
}

/** The quick answer for nearly every name. */
const isPlain = (name: string, limits: ObjectNameLimits): boolean =>
  SIMPLE.test(name)
    ? isShort(name, limits) && !beginsAsReserved(name, limits)
    : PLAIN.test(name) && !DOT_SEGMENT.test(name) && isWithin(name, limits);

/** Whether a name is so short that no limit needs to be looked at closely. */
function isShort(name: string, { maxNameBytes, maxSegmentBytes, maxSegments }: ObjectNameLimits): boolean {
  const most = name.length * 3;
  return (
    most <= maxNameBytes &&
    (maxSegmentBytes === undefined || most <= maxSegmentBytes) &&
    (maxSegments === undefined || name.length <= maxSegments)
  );
}

const isWithin = (name: string, limits: ObjectNameLimits): boolean =>
  isShort(name, limits) &&
  !limits.reservedSegments?.some(reserved => isMistakenFor(firstSegment(name), reserved));

/** Of a simple name its first letter tells that it is none of these. */
function beginsAsReserved(name: string, { reservedSegments = [] }: ObjectNameLimits): boolean {
  for (const reserved of reservedSegments) if (sharesFirstLetter(name, reserved)) return true;
  return false;
}

const firstSegment = (name: string): string => {
  const slash = name.indexOf('/');
  return slash < 0 ? name : name.slice(0, slash);
};

/** Length in UTF-8 bytes. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
