import type { Comparison } from '../comparison.ts';
import { building } from '../image/building.ts';

export const comparisons: readonly Comparison[] = [...building];
