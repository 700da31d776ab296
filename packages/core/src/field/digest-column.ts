/** How the text of a digest column begins, as in Subresource Integrity: written with the file, read to verify it. */
export const DIGEST = 'sha256-';
