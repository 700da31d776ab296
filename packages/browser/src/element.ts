import { FileUpload } from './element/file-upload.ts';

export { FileUpload, type FileUploadOptions } from './element/file-upload.ts';
export type { FileUploadTexts } from './element/texts.ts';

declare global {
  interface HTMLElementTagNameMap {
    'file-upload': FileUpload;
  }
}

// On a server there is no such thing, and a page may load the module twice.
if (globalThis.customElements && !customElements.get('file-upload'))
  customElements.define('file-upload', FileUpload);
