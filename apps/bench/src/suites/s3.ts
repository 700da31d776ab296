import { cloudComparisons } from '../cloud/comparisons.ts';
import { s3 } from '../cloud/s3.ts';
import type { Comparison } from '../comparison.ts';

export const comparisons: readonly Comparison[] = cloudComparisons(s3);
