export { type RequestLimits, S3Backend } from './backend.ts';
export type { ConditionalWrites, ObjectParameters, S3StorageOptions } from './options.ts';
export type { ProbedRequest, ProbeResult } from './probe.ts';
export { S3Storage } from './storage.ts';
export type { BoundOnS3 } from './url.ts';
