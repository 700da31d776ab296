import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { type InputOptions, type OutputChunk, type OutputOptions, rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';
import { builtins } from './builtins.ts';
import { smallerMaps } from './smaller-maps.ts';

// Builds the package in whose folder it runs, as its package.json has it: `"build": "node ../../scripts/build.ts"`.
// Each entry of `exports` becomes one module and one declaration file in `dist`. What several entries have in common
// is in one more file of each kind, `shared`, so that an entry is two files to load at the most.

interface Manifest {
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly '@fieldfile/source': string }>>;
}

/** What the oldest supported Node understands: it has no `using`. */
const TARGET = 'es2024';

/** Functions that stand for syntax which `TARGET` has not. They become part of the file. */
const HELPERS = '@oxc-project/runtime/';

const folder = process.cwd();
const root = join(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
const input = sources(manifest);

// Nothing is shaken out, since that also puts what is in a constant where the constant is used. A row, or a storage, that
// a function holds in a constant would be held shorter than the source says.
await write(
  { plugins: [builtins(), smallerMaps()], treeshake: false, optimization: { inlineConst: false } },
  {
    cleanDir: true,
    sourcemap: true,
    // Doc comments are in the declarations.
    comments: { jsdoc: false, legal: true, annotation: true },
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
  },
);
await write(
  {
    plugins: [
      dts({ cwd: folder, tsconfig: join(root, 'tsconfig.json'), generator: 'oxc', emitDtsOnly: true }),
    ],
  },
  { entryFileNames: '[name].js', chunkFileNames: '[name].d.ts' },
);

/** The source of each entry, by the entry's name. */
function sources({ exports }: Manifest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(exports).flatMap(([entry, target]) =>
      typeof target === 'string'
        ? []
        : [[entry === '.' ? 'index' : entry.slice('./'.length), target['@fieldfile/source']]],
    ),
  );
}

async function write(options: InputOptions, output: OutputOptions): Promise<void> {
  await using bundle = await rolldown({
    cwd: folder,
    input,
    platform: 'neutral',
    transform: { target: TARGET },
    checks: { bundlerTimings: false },
    external: id => !id.startsWith('.') && !isAbsolute(id) && !id.startsWith(HELPERS),
    onLog: (_, log) => {
      throw new Error(log.message);
    },
    ...options,
  });
  const { output: files } = await bundle.write({
    dir: join(folder, 'dist'),
    format: 'esm',
    codeSplitting: { groups: [{ name: 'shared', minShareCount: 2 }] },
    minify: false,
    minifyInternalExports: false,
    ...output,
  });
  if (manifest.private) return;
  for (const file of files)
    if (file.type === 'chunk') {
      refuseRenamedClasses(file);
      refuseUndeclared(file);
    }
}

/** Two classes of one name in one file would be told apart by a number, which errors and stack traces would show. */
function refuseRenamedClasses({ fileName, code }: OutputChunk): void {
  const renamed = /\w+\$\d+(?= = class\b)|(?<=^(?:declare )?class )\w+\$\d+/m.exec(code);
  if (renamed) throw new Error(`${fileName} has two classes of one name: ${renamed[0]}.`);
}

/** What is imported and no dependency would be missing where the package is installed. */
function refuseUndeclared({ fileName, imports }: OutputChunk): void {
  const known = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  for (const id of imports)
    if (!/^node:|\.(?:js|d\.ts)$/.test(id) && !known.some(name => id === name || id.startsWith(`${name}/`)))
      throw new Error(`${fileName} imports ${id}, which is no dependency of the package.`);
}
