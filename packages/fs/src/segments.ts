import { isMistakenFor } from '@fieldfile/storage/backend';
import { isWindowsDevice } from '@fieldfile/storage/names';
import { INTERNAL } from './root-marker.ts';

/** Whether no folder of the name is, on any system, an internal one. */
export function isUsable(name: string): boolean {
  return !MAY_BE_INTERNAL.test(name) || !name.split('/').some(segment => isMistakenFor(segment, INTERNAL));
}

/** Nearly no name: the ways of calling the folder begin with its letter, a sign, or are not ASCII. */
const MAY_BE_INTERNAL = /(?:^|\/)[^A-EG-Za-eg-z\d]/;

/**
 * Whether Windows takes every part of a name for a file or folder of that name: `CON` and `nul.txt` are devices,
 * `a.txt::$DATA` is the content of `a.txt`.
 *
 * On Windows nothing else has a name. On other systems such a file can be read and removed, and none is made: it could not
 * be taken to Windows.
 */
export function isPortable(name: string): boolean {
  return (
    !SUSPECT.test(name) || !name.split('/').some(segment => isWindowsDevice(segment) || STREAM.test(segment))
  );
}

const SUSPECT = /:|(?:^|\/)(?:con|prn|aux|nul|com|lpt)/i;

const STREAM = /:[^:]*:\$\w+[. ]*$|:\$\w+[. ]*$/;
