import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// Every option that an application can give stands in a table of its package's README. Silent when all is well.

const root = join(import.meta.dirname, '..');
/** What these entries have is for who writes a backend or a binding, and is told by doc comments. */
const FOR_AUTHORS = [
  'backend.ts',
  'binding.ts',
  'derived.ts',
  'internal.ts',
  'names.ts',
  'resumable.ts',
  'shared.ts',
];
/** Given by who throws; what a caller finds in an error is told by docs/errors.md. */
const NO_OPTIONS = ['FieldFileErrorOptions'];

for (const folder of globSync('packages/*', { cwd: root })) {
  if (isPrivate(join(root, folder, 'package.json'))) continue;
  const rows = tableRows(join(root, folder, 'README.md'));
  const entries = globSync('src/*.ts', { cwd: join(root, folder) })
    .filter(path => !FOR_AUTHORS.some(name => path.endsWith(`/${name}`)) && !path.endsWith('.test.ts'))
    .map(path => readFileSync(join(root, folder, path), 'utf8'));
  const all = globSync('src/**/*.ts', { cwd: join(root, folder) }).flatMap(path =>
    optionsIn(readFileSync(join(root, folder, path), 'utf8')),
  );
  for (const { name, members, bases } of all) {
    if (NO_OPTIONS.includes(name) || !entries.some(entry => isExported(name, entry))) continue;
    const inherited = all.filter(one => bases.includes(one.name)).flatMap(one => one.members);
    for (const member of [...members, ...inherited])
      if (!rows.includes(`\`${member}\``))
        complain(`${folder}/README.md: no table has \`${member}\` of ${name}.`);
  }
}

interface OptionsInterface {
  readonly name: string;
  /** Its own. */
  readonly members: readonly string[];
  /** What it extends by name, as it is. */
  readonly bases: readonly string[];
}

function isPrivate(manifest: string): boolean {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly private?: boolean }).private === true;
}

/** All lines of all tables. A README that is not there is for `check:packages` to find. */
function tableRows(readme: string): string {
  if (!existsSync(readme)) return '';
  return readFileSync(readme, 'utf8')
    .split('\n')
    .filter(line => line.startsWith('|'))
    .join('\n');
}

/** Interfaces whose names end in Options. */
function optionsIn(source: string): OptionsInterface[] {
  return Array.from(
    source.matchAll(/^export interface (\w+Options)\b([^{]*)\{\n(.*?)^\}/gms),
    ([, name = '', heritage = '', body = '']) => ({
      name,
      bases: Array.from(heritage.matchAll(/\b\w+Options\b(?=\s*(?:,|$))/g), ([base]) => base),
      members: Array.from(body.matchAll(/^ {2}readonly (\w+)\??:/gm), ([, member = '']) => member),
    }),
  );
}

function isExported(name: string, entry: string): boolean {
  return Array.from(entry.matchAll(/export (?:type )?\{([^}]*)\}/g)).some(([, names = '']) =>
    new RegExp(`\\b${name}\\b`).test(names),
  );
}

function complain(finding: string): void {
  console.error(finding);
  process.exitCode = 1;
}
