import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CONTRACTS, type ContractBinding, type ContractRun } from '@fieldfile/test-servers/contracts';

// The bindings' READMEs tell on which databases and drivers the contract runs, and what it leaves out there, as the tests
// declare it. `--write` writes these tables anew; without, whatever is not as declared is told. Runs no test.

const root = join(import.meta.dirname, '..');
const [BEGIN, END] = ['<!-- contract: made by `npm run contract:tables` -->', '<!-- /contract -->'];

for (const [folder, binding] of Object.entries(CONTRACTS)) {
  const path = join(root, 'packages', folder, 'README.md');
  const readme = readFileSync(path, 'utf8');
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) {
    complain(path, `has no place for the table of the contract: put ${BEGIN} and ${END} in it`);
    continue;
  }
  const written = `${readme.slice(0, begin + BEGIN.length)}\n\n${table(binding)}\n\n${readme.slice(end)}`;
  if (written === readme) continue;
  if (process.argv.includes('--write')) writeFileSync(path, written);
  else complain(path, 'has another table of the contract than the tests declare: `npm run contract:tables`');
}

function table({ lacks, runs }: ContractBinding): string {
  const rows = new Map<string, string[]>();
  for (const { database, driver, lacks: all, isPart } of runs) {
    const others = Object.entries(all).filter(([feature]) => !(feature in lacks));
    const row = JSON.stringify([database, reasons(Object.fromEntries(others))]);
    rows.set(row, [...(rows.get(row) ?? []), isPart ? `${driver} (a part in each test run)` : driver]);
  }
  return [
    '| database | driver | what the contract leaves out there |',
    '|---|---|---|',
    ...Array.from(rows, ([row, drivers]) => {
      const [database, others] = JSON.parse(row) as [string, string];
      return `| ${database} | ${drivers.join(', ')} | ${others} |`;
    }),
    `| all | all | ${reasons(lacks)} |`,
  ].join('\n');
}

/** Each reason once, with the features that are left out for it. */
function reasons(lacks: ContractRun['lacks']): string {
  const features = new Map<string, string[]>();
  for (const [feature, reason] of Object.entries(lacks))
    features.set(reason, [...(features.get(reason) ?? []), `\`${feature}\``]);
  return [...features].map(([reason, names]) => `${names.join(', ')}: ${reason}`).join('; ');
}

function complain(path: string, finding: string): void {
  console.error(`${relative(root, path)} ${finding}.`);
  process.exitCode = 1;
}
