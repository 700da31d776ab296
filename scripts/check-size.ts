import { mkdtempDisposableSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { packAll, type Tarball } from './tarballs.ts';

// What the packages cost who installs and loads them, as they would be published. Silent when all is well; `--print`
// tells the figures. The packages must have been built.

/** Together: what an application with rows and with files on its disk installs. */
const INSTALLED = {
  packages: ['@fieldfile/core', '@fieldfile/storage', '@fieldfile/fs'],
  files: 80,
  bytes: 1.75 * 1024 * 1024,
};

/** Bytes of an entry with all that it imports of these packages, minified and compressed, without what it loads later. */
const LOADED: Readonly<Record<string, number>> = {
  '@fieldfile/storage': 22_000,
  '@fieldfile/core': 45_000,
  '@fieldfile/browser': 8_000,
  '@fieldfile/browser/element': 12_200,
};

/** Files of its package that an entry loads. */
const FILES_OF_AN_ENTRY = 2;

using folder = mkdtempDisposableSync(join(tmpdir(), 'fieldfile-size-'));
const tarballs = await packAll(folder.path);

const installed = tarballs.filter(({ name }) => INSTALLED.packages.includes(name));
const names = INSTALLED.packages.join(', ');
within(`Files of ${names}`, sum(installed.map(({ files }) => files.length)), INSTALLED.files);
within(`Bytes of ${names}`, sum(installed.map(({ installedBytes }) => installedBytes)), INSTALLED.bytes);
for (const [entry, budget] of Object.entries(LOADED))
  within(`Bytes that ${entry} loads, minified and compressed`, await loadedBytes(entry), budget);
for (const tarball of tarballs) {
  for (const entry of entriesOf(tarball))
    for (const extension of ['.js', '.d.ts'])
      within(
        `Files that ${tarball.name} loads for dist/${entry}${extension}`,
        filesOf(join(tarball.folder, 'dist', entry + extension)).size,
        FILES_OF_AN_ENTRY,
      );
  for (const file of tarball.files.filter(file => file.endsWith('.js'))) checkMap(tarball, file);
}

function within(what: string, figure: number, budget: number): void {
  if (process.argv.includes('--print')) console.log(`${what}: ${figure} of ${Math.floor(budget)}`);
  if (figure > budget) fail(`${what}: ${figure}, which is more than ${Math.floor(budget)}.`);
}

function fail(finding: string): void {
  console.error(finding);
  process.exitCode = 1;
}

/** As an application's bundler does it. What is imported with `import()` is in files of its own. */
async function loadedBytes(entry: string): Promise<number> {
  await using bundle = await rolldown({
    input: 'entry',
    platform: 'neutral',
    external: /^node:|^file-type$/,
    plugins: [{ name: 'built', resolveId: built }],
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true, comments: false });
  const chunks = new Map(output.flatMap(file => (file.type === 'chunk' ? [[file.fileName, file]] : [])));
  const loaded = new Set([output[0].fileName]);
  for (const fileName of loaded)
    for (const imported of chunks.get(fileName)?.imports ?? []) loaded.add(imported);
  return sum([...loaded].map(name => gzipSync(chunks.get(name)?.code ?? '', { level: 9 }).byteLength));

  function built(id: string): string | undefined {
    const { path } = /^@fieldfile\/(?<path>.*)$/.exec(id === 'entry' ? entry : id)?.groups ?? {};
    if (path === undefined) return undefined;
    const [name = '', file = 'index'] = path.split('/');
    return join(import.meta.dirname, '../packages', name, 'dist', `${file}.js`);
  }
}

function entriesOf({ manifest }: Tarball): string[] {
  return Object.keys(manifest.exports)
    .filter(entry => !entry.endsWith('.json'))
    .map(entry => (entry === '.' ? 'index' : entry.slice('./'.length)));
}

/** The file, and those of its package that it imports, and so on. Not what it loads with `import()`. */
function filesOf(path: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(path)) return found;
  found.add(path);
  const source = readFileSync(path, 'utf8');
  for (const [, imported = ''] of source.matchAll(/^(?:import|export)\b[^;]*?from "(\.\/[^"]+)";$/gm)) {
    const file = join(dirname(path), imported);
    filesOf(path.endsWith('.d.ts') ? file.replace(/\.js$/, '.d.ts') : file, found);
  }
  return found;
}

/** Whether every function and class of a built file leads to a line of a source that has its name. */
function checkMap({ name, folder }: Tarball, file: string): void {
  const path = join(folder, file);
  const code = readFileSync(path, 'utf8');
  if (!code.includes('//# sourceMappingURL=')) return; // it only hands on what is in another
  const payload = JSON.parse(readFileSync(`${path}.map`, 'utf8')) as SourceMapPayload;
  const map = new SourceMap(payload);
  const sources = new Map(payload.sources.map((source, index) => [source, payload.sourcesContent[index]]));
  for (const [line, text] of code.split('\n').entries()) {
    const [, declared] = /^(?:async )?(?:function\*? |var (?=\w+ = class\b))(\w+)/.exec(text) ?? [];
    // Those with an underscore stand for syntax, and are of no source.
    if (declared === undefined || declared.startsWith('_')) continue;
    const entry = map.findEntry(line, 0);
    const source = 'originalSource' in entry ? sources.get(entry.originalSource) : undefined;
    const original = 'originalLine' in entry ? source?.split('\n')[entry.originalLine] : undefined;
    if (!original?.includes(declared)) fail(`${name}: ${file}.map leads from ${declared} to ${original}.`);
  }
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0);
}
