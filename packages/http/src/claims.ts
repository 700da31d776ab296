/** Claims for browsers: files that go straight to the storage, large ones in parts or to a session. */
export { claims } from './claims/claims.ts';
export type { ClaimsOptions } from './claims/options.ts';
