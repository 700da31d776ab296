import { readFile } from 'node:fs/promises';

/** The resident set of a process and its children, in bytes. */
export interface ProcessMemory {
  readonly now: number;
  /** Since each of them began. */
  readonly most: number;
}

/** What another process holds in memory, as Linux tells it. */
export async function memoryOf(pid: number): Promise<ProcessMemory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const figure = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024;
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean);
  const theirs = await Promise.all(children.map(child => memoryOf(Number(child))));
  return {
    now: theirs.reduce((sum, { now }) => sum + now, figure('VmRSS')),
    most: theirs.reduce((sum, { most }) => sum + most, figure('VmHWM')),
  };
}
