import type { Comparison } from './comparison.ts';

/** Loaded when asked for: a process that measures one suite does not carry the others. */
export const suites: Readonly<Record<string, () => Promise<readonly Comparison[]>>> = {
  fs: async () => (await import('./suites/fs.ts')).comparisons,
  list: async () => (await import('./suites/list.ts')).comparisons,
  parts: async () => (await import('./suites/parts.ts')).comparisons,
  handles: async () => (await import('./suites/handles.ts')).comparisons,
  removal: async () => (await import('./suites/removal.ts')).comparisons,
  image: async () => (await import('./suites/image.ts')).comparisons,
  memory: async () => (await import('./suites/memory.ts')).comparisons,
  s3: async () => (await import('./suites/s3.ts')).comparisons,
  gcs: async () => (await import('./suites/gcs.ts')).comparisons,
  azure: async () => (await import('./suites/azure.ts')).comparisons,
  'cloud-memory': async () => (await import('./suites/cloud-memory.ts')).comparisons,
};
