import type { Comparison } from '../comparison.ts';
import { building } from '../image/building.ts';
import { serving } from '../image/serving.ts';
import { uploading } from '../image/uploading.ts';

/** Variants that are made and served, and dimensions that are read while a file is stored. */
export const comparisons: readonly Comparison[] = [...building, ...uploading, ...serving];
