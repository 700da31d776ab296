/** What a package needs that takes uploads piece by piece, as those of tus. Applications need none of it. */
export {
  type BeginUploadOptions,
  type BegunUpload,
  beginUpload,
  endUpload,
  mostBytes,
  openUpload,
  removeLateParts,
  type UploadInPieces,
} from './claim/upload-in-pieces.ts';
