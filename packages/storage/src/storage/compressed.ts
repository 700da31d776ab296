/** What compressed objects need: loaded with the first one that is written or read. */
export { gzipped } from '../content/gzip.ts';
export { DecodedObject } from './decoded-object.ts';
