import { bulk } from './bulk.ts';
import type { BindingBehaviour } from './context.ts';
import { journaling } from './journal.ts';
import { memory } from './memory.ts';
import { rivals } from './rivals.ts';
import { rows } from './rows.ts';
import { transactions } from './transactions.ts';
import { uploads } from './uploads.ts';
import { values } from './values.ts';

/** Everything a binding promises. */
export const bindingBehaviours: readonly BindingBehaviour[] = [
  ...rows,
  ...values,
  ...bulk,
  ...uploads,
  ...transactions,
  ...rivals,
  ...journaling,
  ...memory,
];
