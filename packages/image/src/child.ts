import process from 'node:process';
import { JobError, type JobFailure, loadSharp, runSharpJob, type SharpJob } from './processor/sharp-job.ts';

/** What a processor in a child process answers. */
export type ChildAnswer =
  | { readonly done: Awaited<ReturnType<typeof runSharpJob>> }
  | { readonly failed: JobFailure }
  | { readonly broken: string };

/** The program of a child process: one job after another, as the parent sends them. It ends with its parent. */
process.on('message', (job: SharpJob) => {
  void answer(job).then(answered => process.send?.(answered));
});
process.on('disconnect', () => process.exit());
// Its first message: from now on it takes jobs, and loading is no part of their time.
void loadSharp().finally(() => process.send?.('ready'));

async function answer(job: SharpJob): Promise<ChildAnswer> {
  try {
    return { done: await runSharpJob(job) };
  } catch (error) {
    return error instanceof JobError ? { failed: error.failure } : { broken: String(error) };
  }
}
