import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from '../rivals/load.ts';
import { type Comparison, withRivals } from './comparison.ts';
import { help, type Options, parseOptions, UsageError } from './options.ts';
import { runComparison } from './run-comparison.ts';
import { suites } from './suites.ts';
import { summarize } from './summary.ts';
import { table } from './table.ts';

// `npm run bench -- --help` says what this measures.

const interrupted = new AbortController();
// So that the folder is removed and servers end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(help);
  else await run(options);
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nnpm run bench -- --help lists the options.`);
    process.exitCode = 2;
  } else if (interrupted.signal.aborted) process.exitCode = 130;
  else throw error;
}

async function run(options: Options): Promise<void> {
  if (options.rivals) await checkRivals();
  const selected = await select(options);
  if (selected.length === 0)
    throw new UsageError(`--only: no comparison has ${JSON.stringify(options.only)} in its title.`);
  const folder = await mkdtemp(join(options.folder, 'fieldfile-bench-'));
  try {
    for (const [suite, comparison] of selected) await compare(suite, comparison, folder, options);
  } finally {
    progress('removing data');
    await rm(folder, { recursive: true, force: true });
    progress('');
  }
}

async function select(options: Options): Promise<(readonly [string, Comparison])[]> {
  const selected: (readonly [string, Comparison])[] = [];
  for (const suite of options.suites)
    for (const comparison of (await suites[suite]?.()) ?? [])
      if (comparison.title.includes(options.only) && (options.large || !comparison.large))
        selected.push([suite, options.rivals ? withRivals(comparison) : comparison]);
  return selected;
}

async function checkRivals(): Promise<void> {
  await load('flydrive').catch(cause => {
    throw new UsageError(`--rivals: install them first: npm ci --prefix apps/bench/rivals`, { cause });
  });
}

async function compare(
  suite: string,
  comparison: Comparison,
  folder: string,
  options: Options,
): Promise<void> {
  const { title } = comparison;
  const rounds = options.rounds ?? comparison.rounds ?? 5;
  progress(`${title}: preparing`);
  const results = await runComparison(comparison, {
    suite,
    folder,
    rounds,
    signal: interrupted.signal,
    onRun: (way, round) => progress(`${title}: round ${round} of ${rounds}, ${way}`),
  });
  progress('');
  const summaries = summarize(comparison, results);
  if (options.json) for (const summary of summaries) console.log(JSON.stringify({ suite, ...summary }));
  else console.log(`${table(title, summaries)}\n`);
}

/** One line that is written over, on a terminal only. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
