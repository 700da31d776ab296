import { filesSdk } from '../cloud/files-sdk.ts';
import { flydrive } from '../cloud/flydrive.ts';
import { flystorage } from '../cloud/flystorage.ts';
import type { Library } from '../cloud/jobs.ts';

/** The other libraries on local disk: each is opened with a root. */
export const RIVALS: Readonly<Record<string, Library>> = {
  flydrive: flydrive.disk,
  flystorage: flystorage.disk,
  'files-sdk': filesSdk.disk,
};
