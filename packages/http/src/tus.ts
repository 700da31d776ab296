/** Resumable uploads by tus 1.0. */
export type { TusOptions } from './tus/options.ts';
export { tus } from './tus/tus.ts';
