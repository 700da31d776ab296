import { execFileSync } from 'node:child_process';

// How long the built packages take to import: the least of 30 runs, over that of a module that is empty. A package with
// an SDK is measured after its SDK. Prints and judges nothing: a busy machine takes longer.

const RUNS = 30;
const MODULES: readonly (readonly [title: string, before: readonly string[], measured: readonly string[]])[] =
  [
    ['nothing', [], ['data:text/javascript,']],
    ['storage', [], ['@fieldfile/storage']],
    ['storage + core', [], ['@fieldfile/core']],
    ['storage + core + fs', [], ['@fieldfile/core', '@fieldfile/fs']],
    ['s3', ['@aws-sdk/client-s3'], ['@fieldfile/s3']],
    ['gcs', ['@google-cloud/storage'], ['@fieldfile/gcs']],
    ['azure', ['@azure/storage-blob'], ['@fieldfile/azure']],
  ];

let nothing: Time | undefined;
for (const [title, before, measured] of MODULES) {
  const times = Array.from({ length: RUNS }, () => timeOf(before, measured));
  const least: Time = {
    elapsed: Math.min(...times.map(time => time.elapsed)),
    processor: Math.min(...times.map(time => time.processor)),
  };
  nothing ??= least;
  console.log(
    `${title.padEnd(20)} ${tell(least.elapsed - nothing.elapsed)}, of the processor ${tell(least.processor - nothing.processor)}`,
  );
}

interface Time {
  readonly elapsed: number;
  /** What a busy machine disturbs less. */
  readonly processor: number;
}

/** In milliseconds, in a process of its own. */
function timeOf(before: readonly string[], measured: readonly string[]): Time {
  const imports = (modules: readonly string[]): string =>
    modules.map(module => `await import(${JSON.stringify(module)});`).join('\n');
  const program = `
    ${imports(before)}
    const before = process.cpuUsage(), start = performance.now();
    ${imports(measured)}
    const elapsed = performance.now() - start, { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ elapsed, processor: (user + system) / 1000 }));
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  return JSON.parse(output) as Time;
}

function tell(milliseconds: number): string {
  return `${milliseconds.toFixed(1)} ms`.padStart(8);
}
