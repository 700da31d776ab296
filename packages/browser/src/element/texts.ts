/** What the element says. Give `texts` what is to be said otherwise, such as another language. */
export interface FileUploadTexts {
  choose(multiple: boolean): string;
  drop(multiple: boolean): string;
  /** Why a form is not sent: nothing was chosen where that is required, it is still uploading, or something failed. */
  readonly missing: string;
  readonly unfinished: string;
  readonly failed: string;
  /** A file that was chosen and that `accept` does not list, or a folder. */
  notAccepted(name: string): string;
  /** What a file of the list is about. */
  readonly waiting: string;
  uploading(percent: number): string;
  readonly paused: string;
  readonly done: string;
  /** By the code of an `UploadError`; undefined where something else was thrown. */
  error(code: string | undefined): string;
  size(bytes: number): string;
  readonly pause: string;
  readonly resume: string;
  readonly retry: string;
  readonly remove: string;
  removed(name: string): string;
}

export const ENGLISH: FileUploadTexts = {
  choose: multiple => (multiple ? 'Choose files' : 'Choose a file'),
  drop: multiple => (multiple ? 'or drop them here' : 'or drop it here'),
  missing: 'Choose a file.',
  unfinished: 'Wait until the upload is done.',
  failed: 'A file was not uploaded. Try again, or remove it.',
  notAccepted: name => `${name} is not of a kind that can be uploaded here.`,
  waiting: 'Waiting',
  uploading: percent => `Uploading, ${percent} %`,
  paused: 'Paused',
  done: 'Uploaded',
  error: code => ERRORS[code ?? ''] ?? 'This file was not uploaded.',
  size: bytes => {
    if (bytes < 1e3) return `${bytes} bytes`;
    const [divisor, unit] = bytes < 1e6 ? [1e3, 'kB'] : bytes < 1e9 ? [1e6, 'MB'] : [1e9, 'GB'];
    return `${Number((bytes / divisor).toPrecision(3))} ${unit}`;
  },
  pause: 'Pause',
  resume: 'Resume',
  retry: 'Try again',
  remove: 'Remove',
  removed: name => `${name} was removed.`,
};

const ERRORS: Readonly<Record<string, string>> = {
  'too-large': 'This file is too large.',
  'not-accepted': 'Files of this kind cannot be uploaded here.',
  permission: 'You may not upload this file.',
  network: 'The server could not be reached.',
  'file-changed': 'This file was changed or removed. Choose it again.',
};
