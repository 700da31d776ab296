import type { NamePolicy } from './name-policy.ts';
import { joinPath, splitPath } from './posix-path.ts';
import { isServerFile } from './server-file.ts';
import { strftime } from './strftime.ts';
import { requireRelativePath, validateFileName } from './validate-file-name.ts';

/** What {@link fieldFilename} makes a name of. */
export interface FieldFilenameOptions {
  /**
   * A folder, with strftime directives for `now`; or the path, file name included, that a callable `uploadTo`
   * returned for this save. Absent: no folder.
   */
  readonly uploadTo?: string | { readonly path: string } | undefined;
  /** The name given to `save`. Not used when `uploadTo` has a path. */
  readonly filename: string;
  readonly policy: Pick<NamePolicy, 'generateFilename'>;
  /** In the machine's time zone, as in Django. */
  readonly now: Date;
}

/**
 * The name a field asks its storage for: Django's `FileField.generate_filename`.
 *
 * Only the folder goes through {@link strftime}. What is checked is the resulting path, so a callable may ignore a
 * dangerous client name; an absolute `filename` drops the folder when joined and is refused. The policy's answer is
 * checked again, and a file that servers read as settings (`.htaccess`) never keeps its name, whatever the policy says.
 *
 * @throws `suspicious-name` for a path that names nothing or leads out of the storage; `invalid-argument` for an
 * unknown strftime directive.
 */
export function fieldFilename({ uploadTo = '', filename, policy, now }: FieldFilenameOptions): string {
  const path = typeof uploadTo === 'string' ? joinPath(strftime(uploadTo, now), filename) : uploadTo.path;
  requireRelativePath(path);
  const name = validateFileName(policy.generateFilename(path), { allowRelativePath: true });
  const { folder, fileName } = splitPath(name);
  return isServerFile(fileName) ? joinPath(folder, `_${fileName}`) : name;
}
