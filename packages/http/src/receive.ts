/** Files out of requests. */
export type { FormField, FormFields, FormValue } from './receive/form-fields.ts';
export { type FormTokenOptions, formToken } from './receive/form-token.ts';
export type { ReceiveLimits } from './receive/limits.ts';
export { type Received, type ReceiveOptions, receive } from './receive/receive.ts';
export type { ReceiveProgress } from './receive/request-body.ts';
export { type UploadsOptions, uploads } from './receive/uploads.ts';
