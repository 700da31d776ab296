import { writeSync } from 'node:fs';

/** Moments of a change at which its process can be killed or stopped, as an uploader passes them. */
export const UPLOADER_STEPS = [
  'after journal begin',
  'after journal rename',
  'mid-upload',
  'before verdict',
  'after create',
  'after hand back',
  'after resume',
  'after replace',
  'after row write',
  'after take',
  'after commit',
  'after settle',
  'before removal',
  'after removal',
  'after undo',
  'after end',
] as const;

/** The same of `recover()`. */
export const RECOVERY_STEPS = [
  'recover: after claim',
  'recover: after undo',
  'recover: after settle',
  'recover: before removal',
  'recover: after removal',
  'recover: after end',
] as const;

export type Step = (typeof UPLOADER_STEPS)[number] | (typeof RECOVERY_STEPS)[number];

/** What a process does to itself when it has come to a step for the `count`th time; a kill is counted from the stop on. */
interface StepPlan {
  readonly step: Step;
  readonly count: number;
}

export interface StepPlans {
  readonly kill?: StepPlan | undefined;
  /** Stopped, and continued by the parent once the lease is over. */
  readonly stop?: StepPlan | undefined;
}

/** What a child prints before it stops itself. */
export const STOPPING = 'stopping';

/** What a child prints when the database has ended its transaction by a deadlock, and it went on. */
export const DEADLOCKED = 'deadlocked';

/** Counts a process's steps, and ends or stops it at the planned one. */
export class Steps {
  readonly #plans: StepPlans;
  readonly #counts = new Map<Step, number>();
  #stopped = false;

  constructor(plans: StepPlans) {
    this.#plans = plans;
  }

  reached(step: Step): void {
    const count = (this.#counts.get(step) ?? 0) + 1;
    this.#counts.set(step, count);
    const { kill, stop } = this.#plans;
    if (stop && !this.#stopped) {
      if (stop.step !== step || stop.count > count) return;
      this.#stopped = true;
      this.#counts.clear();
      writeSync(1, `${STOPPING}\n`);
      process.kill(process.pid, 'SIGSTOP');
    } else if (kill?.step === step && kill.count === count) process.kill(process.pid, 'SIGKILL');
  }
}
