import { FieldFileError } from '../errors/field-file-error.ts';
import { codePoints, cutText } from './cut-text.ts';
import type { NamePolicy } from './name-policy.ts';
import { type ObjectNameLimits, utf8Length } from './object-name.ts';
import { joinPath, splitPath } from './posix-path.ts';
import { splitExtension } from './split-extension.ts';
import { requireFileName, traversalAttempt } from './suspicious-name.ts';

/** Names to try, one after another, until one is free. */
export interface NameCandidates {
  readonly first: string;
  /**
   * The next alternative.
   * @throws `name-too-long` when nothing shorter is left.
   */
  next(): string;
}

/** The hooks of a {@link NamePolicy} that {@link candidateNames} calls. */
export type AlternativeNames = Pick<NamePolicy, 'first' | 'getAlternativeName'>;

/** The limits of a backend that a name can be cut to. */
export type NameLimits = Pick<ObjectNameLimits, 'maxNameBytes' | 'maxSegmentBytes'>;

/**
 * Django's `get_available_name` as a sequence: the name as given (policy `'keep'`), then the name with a random part
 * before all its suffixes. A name that is too long gets the random part at once and loses the end of its root.
 *
 * The names are not checked beyond Django's own checks: `objectName` is what does that.
 *
 * @param maxLength of the whole path, in code points. Default: no limit.
 * @param limits in UTF-8 bytes, so that a name a file system could not hold is cut as well. Default: none.
 * @throws `suspicious-name` for `..` among the folders, or a last segment that names nothing;
 * `name-too-long` when cutting the root is not enough.
 *
 * @example
 * ```ts
 * import { candidateNames, djangoNames } from '@fieldfile/storage/names';
 *
 * const names = candidateNames(djangoNames(), 'backups/site.tar.gz', 100);
 * names.first; // 'backups/site.tar.gz'
 * names.next(); // 'backups/site_x7Kp2Qz.tar.gz'
 * ```
 */
export function candidateNames(
  policy: AlternativeNames,
  name: string,
  maxLength: number = Number.POSITIVE_INFINITY,
  limits?: NameLimits,
): NameCandidates {
  const path = name.replaceAll('\\', '/');
  const { folder, fileName } = splitPath(path);
  if (folder.split('/').includes('..')) throw traversalAttempt(folder, name);
  requireFileName(fileName, fileName);
  const { root, extension } = splitExtension(fileName);
  const excess = (candidate: string): Excess => ({
    codePoints: codePoints(candidate) - maxLength,
    bytes: limits === undefined ? 0 : excessBytes(candidate, limits),
  });
  let rest = root;
  const next = (): string => {
    while (true) {
      const candidate = joinPath(folder, policy.getAlternativeName(rest, extension));
      const over = excess(candidate);
      if (!isOver(over)) return candidate;
      rest = shortened(rest, over);
      if (rest === '') throw tooLong(candidate, name);
    }
  };
  return { first: policy.first === 'keep' && !isOver(excess(path)) ? path : next(), next };
}

interface Excess {
  readonly codePoints: number;
  readonly bytes: number;
}

const isOver = (excess: Excess): boolean => excess.codePoints > 0 || excess.bytes > 0;

const shortened = (root: string, excess: Excess): string =>
  cutText(
    root,
    codePoints(root) - Math.max(0, excess.codePoints),
    utf8Length(root) - Math.max(0, excess.bytes),
  );

function excessBytes(path: string, { maxNameBytes, maxSegmentBytes }: NameLimits): number {
  const tooLong = utf8Length(path) - maxNameBytes;
  if (maxSegmentBytes === undefined) return tooLong;
  return Math.max(tooLong, utf8Length(splitPath(path).fileName) - maxSegmentBytes);
}

const tooLong = (candidate: string, name: string): FieldFileError =>
  new FieldFileError(
    'name-too-long',
    `Storage can not find an available filename for "${candidate}". Please make sure that the corresponding file ` +
      'field allows sufficient "max_length". Raise maxLength and widen the column, or shorten folder or extension.',
    { name },
  );
