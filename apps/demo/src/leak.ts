import { writeFileSync } from 'node:fs';
import { UsageError } from './command-line.ts';
import { chart } from './leak/chart.ts';
import { type Configuration, configurations } from './leak/configuration.ts';
import type { Measurement } from './leak/measurement.ts';
import { medians } from './leak/medians.ts';
import { help, type Options, parseOptions } from './leak/options.ts';
import { Progress } from './leak/progress.ts';
import { heading, line, tables } from './leak/report.ts';
import { measureAll, rowMemoryBytes } from './leak/run.ts';

// The memory experiment of Django's ticket #16022, on rows of SQLite. `npm run leak -- --help` says more.

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort()); // so that the folder of the rows is removed

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(help);
  else await run(options);
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nnpm run leak -- --help lists the options.`);
    process.exitCode = 2;
  } else if (interrupted.signal.aborted) process.exitCode = 130;
  else throw error;
}

async function run(options: Options): Promise<void> {
  const memoryBytes = rowMemoryBytes();
  const once = options.selections.flatMap(one => configurations(one, options.iterations, memoryBytes));
  const all = Array.from({ length: options.rounds }, (): Configuration[] => once).flat();
  const measurements: Measurement[] = [];
  const progress = new Progress(process.stderr, all.length);
  progress.next(all[0]);
  let group = '';
  for await (const measurement of measureAll(all, interrupted.signal)) {
    progress.clear();
    if (options.json) console.log(JSON.stringify(measurement));
    else if (!options.table) {
      if (heading(measurement) !== group) {
        if (group) console.log();
        group = heading(measurement);
        console.log(group);
      }
      console.log(line(measurement, options.iterations));
    }
    measurements.push(measurement);
    progress.next(all[measurements.length]);
  }
  if (options.table) console.log(medians(measurements));
  else if (!options.json) console.log(`\n${tables(measurements, options.iterations)}`);
  if (options.plot) {
    writeFileSync(options.plot, chart(measurements, options.iterations));
    console.error(`Chart: ${options.plot}`);
  }
}
