import { execFile } from 'node:child_process';
import { mkdtempDisposableSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packAll, type Tarball } from './tarballs.ts';

// Lints what would be published, as packed: publint, attw and what must and must not be inside. Silent when all is well.

const attw = join(
  dirname(fileURLToPath(import.meta.resolve('@arethetypeswrong/cli/package.json'))),
  'dist/index.js',
);

/** One for all packages: it joins their modules. */
const BUILD = 'node ../../scripts/build.ts';

using folder = mkdtempDisposableSync(join(tmpdir(), 'fieldfile-packages-'));
for (const tarball of await packAll(folder.path)) {
  const findings = [...contents(tarball), ...(await lint(tarball)), ...(await types(tarball))];
  for (const finding of findings) console.error(`${tarball.name}: ${finding}`);
  if (findings.length > 0) process.exitCode = 1;
}

function contents({ files, manifest }: Tarball): string[] {
  const findings = files
    .filter(file => /^src\/|\.test\.|\.tgz$/.test(file))
    .map(file => `${file} is published`);
  for (const needed of ['LICENSE', 'README.md', ...Object.keys(manifest.exports).flatMap(builtFiles)])
    if (!files.includes(needed)) findings.push(`${needed} is missing`);
  if (manifest.scripts?.build !== BUILD) findings.push(`its build is not "${BUILD}"`);
  return findings;
}

/** Every entry is one file at the top. */
function builtFiles(entry: string): string[] {
  if (entry.endsWith('.json')) return [];
  const name = entry === '.' ? 'index' : entry.replace('./', '');
  return [`dist/${name}.js`, `dist/${name}.d.ts`];
}

async function lint(tarball: Tarball): Promise<string[]> {
  const bytes = new Uint8Array(readFileSync(tarball.path));
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer } });
  return messages.map(message => `publint: ${formatMessage(message, pkg, { color: false })}`);
}

/** ESM only: a CommonJS consumer gets these packages by `require(esm)`, which Node has in every supported version. */
async function types(tarball: Tarball): Promise<string[]> {
  try {
    await promisify(execFile)(process.execPath, [
      attw,
      tarball.path,
      '--profile=esm-only',
      '--no-color',
      '--no-emoji',
    ]);
    return [];
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    return [`attw: ${stdout}${stderr}`];
  }
}
