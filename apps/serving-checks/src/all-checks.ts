import type { Check } from './check.ts';
import { basics } from './checks/basics.ts';
import { conditions } from './checks/conditions.ts';
import { ranges } from './checks/ranges.ts';
import { userContent } from './checks/user-content.ts';

export const allChecks: readonly Check[] = [...basics, ...ranges, ...conditions, ...userContent];
