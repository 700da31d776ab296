import type { StorageBehaviour } from './context.ts';
import { noOverwrite } from './no-overwrite.ts';
import { replace } from './replace.ts';
import { writeIds } from './write-id.ts';

/** Everything a storage promises, in the order of the contracts. */
export const storageBehaviours: readonly StorageBehaviour[] = [...noOverwrite, ...replace, ...writeIds];
