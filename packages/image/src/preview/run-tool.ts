import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import process from 'node:process';
import { FieldFileError } from '@fieldfile/core';
import { throwIfGivenUp } from '../processor/job-failed.ts';
import type { PreviewLimits } from './tool-limits.ts';

export interface ToolRun {
  /** Path of the program. */
  readonly program: string;
  /** It reads {@link THE_FILE}, and writes the image to its standard output. */
  readonly args: readonly string[];
  readonly input: string;
  readonly output: string;
  readonly limits: Required<PreviewLimits>;
  readonly signal?: AbortSignal | undefined;
}

/** What the program opens: the descriptor that it was given. So it is told no name, and can go to any place of the file. */
export const THE_FILE = '/dev/fd/0';

/**
 * The shell sets what a process cannot be given otherwise, and becomes the program. Where a system does not know a limit it
 * goes without. The time of the processor ends it also when nobody is there any more who would kill it.
 */
const LIMITED = 'ulimit -c 0; ulimit -v "$1"; ulimit -f "$2"; ulimit -t "$3"; shift 3; exec "$@" 2>&3';

/** What is kept of its complaints. */
const MOST_TEXT = 2000;

/**
 * Runs a program that draws an image: with an empty environment, in an empty folder, in a process group of its own, which is
 * killed past its time.
 *
 * @returns false where it draws nothing, and has no complaint.
 * @throws `not-accepted` where it fails, or dies; `too-large`, `timeout`, `aborted`.
 */
export async function runTool({ program, args, input, output, limits, signal }: ToolRun): Promise<boolean> {
  throwIfGivenUp(signal);
  await using read = await open(input);
  const { size } = await read.stat();
  if (size > limits.maxInputBytes)
    throw failure('too-large', `The file has ${size} bytes, and at most ${limits.maxInputBytes} are read.`);
  const [folder, said] = [`${output}-empty`, `${output}-said`];
  await mkdir(folder);
  try {
    await using drawn = await open(output, 'wx', 0o600);
    await using complaints = await open(said, 'wx+', 0o600);
    const most = [limits.maxMemoryBytes / 1024, limits.maxOutputBytes / 512 + 1, limits.timeoutSeconds + 1];
    const child = spawn('/bin/sh', ['-c', LIMITED, 'sh', ...most.map(whole), program, ...args], {
      cwd: folder,
      env: {},
      detached: true,
      stdio: [read.fd, drawn.fd, 'ignore', complaints.fd],
    });
    const { code, by } = await exitOf(child, { program, seconds: limits.timeoutSeconds, signal });
    const bytes = (await drawn.stat()).size;
    if (by === 'SIGXFSZ' || bytes > limits.maxOutputBytes)
      throw failure('too-large', `${program} drew an image of more than ${limits.maxOutputBytes} bytes.`);
    if (code !== 0)
      throw failure(
        'not-accepted',
        `${program} cannot draw the file (${by ?? code}).`,
        await textOf(complaints),
      );
    return bytes > 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(said, { force: true });
  }
}

interface Ending {
  readonly program: string;
  readonly seconds: number;
  readonly signal: AbortSignal | undefined;
}

interface Exit {
  readonly code: number | null;
  readonly by: string | null;
}

/** @throws `timeout`, `aborted`: its whole group was killed. */
async function exitOf(child: ChildProcess, { program, seconds, signal }: Ending): Promise<Exit> {
  let why: FieldFileError | undefined;
  const kill = (error: FieldFileError): void => {
    why ??= error;
    killGroup(child);
  };
  const giveUp = (): void => kill(failure('aborted', 'The job was given up.', signal?.reason));
  const late = setTimeout(
    () => kill(failure('timeout', `${program} took longer than ${seconds} s.`)),
    seconds * 1000,
  );
  signal?.addEventListener('abort', giveUp, { once: true });
  if (signal?.aborted) giveUp();
  try {
    const exit = await new Promise<Exit>((resolve, reject) => {
      child.once('error', reject).once('exit', (code, by) => resolve({ code, by }));
    });
    if (why) throw why;
    return exit;
  } finally {
    clearTimeout(late);
    signal?.removeEventListener('abort', giveUp);
  }
}

/** What is wrong with a file in which nothing was found to draw. */
export const nothingDrawn = (program: string): FieldFileError =>
  failure('not-accepted', `${program} found nothing to draw in the file.`);

/** The beginning of what it said is wrong. */
async function textOf(file: FileHandle): Promise<Error> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_TEXT), 0, MOST_TEXT, 0);
  return new Error(buffer.toString('utf8', 0, bytesRead).trim());
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nobody is left of it; macOS says that of one that has died and was not asked about.
    if (!['ESRCH', 'EPERM'].includes(String((error as { readonly code?: string }).code))) throw error;
  }
}

const whole = (amount: number): string => String(Math.ceil(amount));

const failure = (
  code: 'not-accepted' | 'too-large' | 'timeout' | 'aborted',
  message: string,
  cause?: unknown,
): FieldFileError =>
  new FieldFileError(code, message, { operation: 'process', retryable: code === 'timeout', cause });
