import { assignedFiles } from './assigned-files.ts';
import { attempts } from './attempts.ts';
import { bulk } from './bulk.ts';
import { claims } from './claims.ts';
import { computedColumns } from './computed-columns.ts';
import type { BindingBehaviour } from './context.ts';
import { derivedIdentity } from './derived-identity.ts';
import { derivedObjects } from './derived-objects.ts';
import { derivedRecovery } from './derived-recovery.ts';
import { describedAtOnce } from './described-at-once.ts';
import { endedAndRetried } from './ended-and-retried.ts';
import { endedByDatabase } from './ended-by-database.ts';
import { endedByHand } from './ended-by-hand.ts';
import { exactColumns } from './exact-columns.ts';
import { givenColumns } from './given-columns.ts';
import { journaling } from './journal.ts';
import { late } from './late.ts';
import { lostConnections } from './lost-connections.ts';
import { memory } from './memory.ts';
import { namesByBytes } from './names-by-bytes.ts';
import { oddNames } from './odd-names.ts';
import { queuedJobs } from './queued-jobs.ts';
import { references } from './references.ts';
import { reloaded } from './reloaded.ts';
import { removedRows } from './removed-rows.ts';
import { replace } from './replace.ts';
import { rivals } from './rivals.ts';
import { rows } from './rows.ts';
import { secondFile } from './second-file.ts';
import { siblings } from './siblings.ts';
import { stagedFiles } from './staged-files.ts';
import { stagedUnknown } from './staged-unknown.ts';
import { synchronous } from './synchronous.ts';
import { takenBack } from './taken-back.ts';
import { transactions } from './transactions.ts';
import { underWay } from './under-way.ts';
import { uploads } from './uploads.ts';
import { values } from './values.ts';

/** Everything a binding promises. */
export const bindingBehaviours: readonly BindingBehaviour[] = [
  ...rows,
  ...values,
  ...givenColumns,
  ...assignedFiles,
  ...references,
  ...oddNames,
  ...namesByBytes,
  ...exactColumns,
  ...removedRows,
  ...reloaded,
  ...bulk,
  ...uploads,
  ...stagedFiles,
  ...stagedUnknown,
  ...claims,
  ...transactions,
  ...attempts,
  ...endedByDatabase,
  ...endedAndRetried,
  ...endedByHand,
  ...lostConnections,
  ...replace,
  ...computedColumns,
  ...derivedObjects,
  ...derivedIdentity,
  ...derivedRecovery,
  ...queuedJobs,
  ...rivals,
  ...journaling,
  ...late,
  ...siblings,
  ...underWay,
  ...secondFile,
  ...synchronous,
  ...describedAtOnce,
  ...takenBack,
  ...memory,
];
