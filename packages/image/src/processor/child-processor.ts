import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { FieldFileError } from '@fieldfile/core';
import type { ChildAnswer } from '../child.ts';
import { AtATime } from './at-a-time.ts';
import type { ImageJob, ImageProcessor, ProcessedImage } from './image-processor.ts';
import { ofFailure, throwIfGivenUp } from './job-failed.ts';
import { type ProcessorLimits, withDefaults } from './limits.ts';
import type { SharpJob } from './sharp-job.ts';
import { checkedTransformation } from './transformation.ts';

export interface ChildProcessorOptions extends ProcessorLimits {
  /** Child processes, and so jobs at a time. Default: 1. */
  readonly processes?: number;
  /**
   * Resident memory at which a child is killed, in bytes. Looked at every 50 ms, where the system tells it (Linux). Default:
   * 512 MiB.
   */
  readonly maxMemoryBytes?: number;
  /** Longest time for a child to start and load sharp, before its first job. It is no part of the job's. Default: 60. */
  readonly startSeconds?: number;
}

/** What keeps child processes: dispose it to end them. They also end with this process. */
export interface ChildProcessor extends ImageProcessor, Disposable {}

/**
 * Makes images with sharp in child processes that are kept warm. A child has an empty environment and may not start
 * processes. It is killed past its time or memory, or when its job is given up; the next job
 * gets a new one. Files are handed over by their paths.
 *
 * @throws `invalid-argument` for a limit that is none.
 *
 * @example
 * ```ts
 * import { childProcessor } from '@fieldfile/image/node';
 *
 * using processor = childProcessor({ maxMemoryBytes: 256 * 1024 * 1024 });
 * await processor.process({ input: 'photo.jpg', output: 'photo.webp', transformation: { width: 200, format: 'webp' } });
 * ```
 */
export function childProcessor(options: ChildProcessorOptions = {}): ChildProcessor {
  const limits = withDefaults(options, 'childProcessor');
  const { processes = 1, maxMemoryBytes = 512 * 1024 * 1024, startSeconds = 60 } = options;
  const jobs = new AtATime(processes);
  const idle: Worker[] = [];
  let isOver = false;
  return {
    process: job =>
      jobs.run(async () => {
        checkedTransformation(job.transformation, 'What is to be made');
        throwIfGivenUp(job.signal);
        const worker = idle.pop() ?? started(idle);
        const keep = (): void => {
          if (isOver) worker.child.kill('SIGKILL');
          else idle.push(worker);
        };
        try {
          return await runIn(worker, job, { limits, maxMemoryBytes, startSeconds, keep });
        } catch (error) {
          await rm(job.output, { force: true });
          throw error;
        }
      }),
    [Symbol.dispose]() {
      isOver = true;
      for (const { child } of idle.splice(0)) child.kill('SIGKILL');
    },
  };
}

interface Worker {
  readonly child: ChildProcess;
  /** It takes jobs. Never settles where it dies before. */
  readonly ready: Promise<unknown>;
}

interface Supervision {
  readonly limits: Required<ProcessorLimits>;
  readonly maxMemoryBytes: number;
  readonly startSeconds: number;
  /** The child has answered: it takes the next job. */
  keep(): void;
}

const LOOK_MS = 50;

async function runIn(
  { child, ready }: Worker,
  { input, output, transformation, signal }: ImageJob,
  { limits, maxMemoryBytes, startSeconds, keep }: Supervision,
): Promise<ProcessedImage> {
  const answered = Promise.withResolvers<ChildAnswer>();
  let why: FieldFileError | undefined;
  const kill = (error: FieldFileError): void => {
    why ??= error;
    child.kill('SIGKILL');
  };
  const died = (code: number | null, by: string | null): void => answered.reject(why ?? crashed(code, by));
  const broken = (error: Error): void => answered.reject(why ?? crashed(null, null, error));
  const giveUp = (): void => kill(failure('aborted', 'The job was given up.'));
  const killAfter = (seconds: number, what: string): NodeJS.Timeout =>
    setTimeout(() => kill(failure('timeout', `${what} ${seconds} s.`)), seconds * 1000);
  let late = killAfter(startSeconds, 'The process that makes images did not start within');
  const look = setInterval(() => {
    if (memoryOf(child.pid) > maxMemoryBytes)
      kill(failure('too-large', `The image took more than ${maxMemoryBytes} bytes of memory.`));
  }, LOOK_MS);
  child.once('exit', died).once('error', broken);
  signal?.addEventListener('abort', giveUp, { once: true });
  child.ref();
  child.channel?.ref();
  try {
    await Promise.race([ready, answered.promise]);
    clearTimeout(late);
    late = killAfter(limits.timeoutSeconds, 'The image took longer than');
    const job: SharpJob = { input, output, transformation, limits };
    child.once('message', answered.resolve);
    child.send(job, error => error && broken(error));
    const answer = await answered.promise;
    keep();
    if ('done' in answer) return answer.done;
    throw 'failed' in answer ? ofFailure(answer.failed) : failure('backend', answer.broken);
  } finally {
    clearTimeout(late);
    clearInterval(look);
    child.off('message', answered.resolve).off('exit', died).off('error', broken);
    signal?.removeEventListener('abort', giveUp);
    child.unref();
    child.channel?.unref();
  }
}

/** A file of its own, beside this one in `dist`. Sources find each other by the condition that leads to them. */
function started(idle: Worker[]): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const program = new URL(isSource ? '../child.ts' : './child.js', import.meta.url);
  const child = fork(fileURLToPath(program), [], {
    env: process.platform === 'win32' ? { SystemRoot: process.env.SystemRoot } : {},
    execArgv: [
      '--permission',
      '--allow-addons',
      '--allow-fs-read=*',
      '--allow-fs-write=*',
      ...(isSource ? ['--conditions=@fieldfile/source'] : []),
    ],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'json',
  });
  child.on('error', () => {}); // of one that was killed: nobody waits for it
  const worker = { child, ready: new Promise(resolve => child.once('message', resolve)) };
  child.once('exit', () => {
    const at = idle.indexOf(worker);
    if (at >= 0) idle.splice(at, 1);
  });
  return worker;
}

/** Resident, in bytes; 0 where the system does not tell. */
function memoryOf(pid: number | undefined): number {
  try {
    const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ');
    return Number(pages) * 4096;
  } catch {
    return 0;
  }
}

const failure = (code: 'aborted' | 'timeout' | 'too-large' | 'backend', message: string): FieldFileError =>
  new FieldFileError(code, message, { operation: 'process', retryable: code === 'timeout' });

const crashed = (code: number | null, by: string | null, cause?: unknown): FieldFileError =>
  new FieldFileError('backend', `The process that made the image ended (${by ?? code}). Nothing was made.`, {
    operation: 'process',
    cause,
  });
