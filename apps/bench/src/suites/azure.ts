import { azure } from '../cloud/azure.ts';
import { cloudComparisons } from '../cloud/comparisons.ts';
import type { Comparison } from '../comparison.ts';

export const comparisons: readonly Comparison[] = cloudComparisons(azure);
