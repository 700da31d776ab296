import { cloudComparisons } from '../cloud/comparisons.ts';
import { gcs } from '../cloud/gcs.ts';
import type { Comparison } from '../comparison.ts';

export const comparisons: readonly Comparison[] = cloudComparisons(gcs);
