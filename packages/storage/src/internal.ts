/** What the packages of this workspace need and nobody else does. Not promised: it changes with any release. */
export { splitLines } from './content/lines.ts';
export { isLocalFile } from './content/local-file.ts';
export { releaseContent } from './content/one-shot-source.ts';
export { describe } from './content/source-context.ts';
export { releaseFrames } from './errors/field-file-error.ts';
export { reported } from './errors/report.ts';
export { MARKS } from './storage/application-marks.ts';
export { deleteVersion } from './storage/delete-version.ts';
export { disposing } from './storage/disposing.ts';
export { findWrite } from './storage/find-write.ts';
export { contentSize } from './storage/gzip-options.ts';
export { infoIfThere } from './storage/info-if-there.ts';
export { byTimer } from './storage/retries.ts';
export { requireStorage, requireStorageOrMaker } from './storage/storages.ts';
