export {
  type AlternativeNames,
  candidateNames,
  type NameCandidates,
  type NameLimits,
} from './names/candidate-names.ts';
export { cleanUploadName } from './names/clean-upload-name.ts';
export { type DjangoNamesOptions, djangoNames, uniqueNames } from './names/django-names.ts';
export { type FieldFilenameOptions, fieldFilename } from './names/field-filename.ts';
export { filepathToUri } from './names/filepath-to-uri.ts';
export { generateFilename } from './names/generate-filename.ts';
export { getAlternativeName } from './names/get-alternative-name.ts';
export { getValidName } from './names/get-valid-name.ts';
export { joinLocation } from './names/join-location.ts';
export { joinUrl } from './names/join-url.ts';
export type { NamePolicy } from './names/name-policy.ts';
export { overwriteName } from './names/overwrite-name.ts';
export { type PathStyle, safeJoin } from './names/safe-join.ts';
export { splitExtension } from './names/split-extension.ts';
export { strftime } from './names/strftime.ts';
export { type ValidateFileNameOptions, validateFileName } from './names/validate-file-name.ts';
export { isWindowsDevice } from './names/windows-device.ts';
