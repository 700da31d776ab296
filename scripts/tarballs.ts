import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What `npm publish` would upload of one package. */
export interface Tarball {
  readonly name: string;
  /** Its package.json. */
  readonly manifest: Manifest;
  /** Of the `.tgz`, as registries write it. */
  readonly integrity: string;
  /** Absolute path of the `.tgz`. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly installedBytes: number;
  /** Of the package in this workspace, absolute. */
  readonly folder: string;
  /** Paths inside the package. */
  readonly files: readonly string[];
  /** It has a provider's SDK as a peer. */
  readonly needsSdk: boolean;
}

interface NpmPack {
  readonly integrity: string;
  readonly name: string;
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly private?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const hasSdk = ({ peerDependencies = {}, peerDependenciesMeta: about = {} }: Manifest): boolean =>
  Object.keys(peerDependencies).some(name => !name.startsWith('@fieldfile/') && !about[name]?.optional);

const root = join(import.meta.dirname, '..');

/** Packs every package that is not private into `folder`. They must have been built. */
export async function packAll(folder: string): Promise<Tarball[]> {
  const packages = globSync('packages/*/package.json', { cwd: root })
    .map(path => JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest)
    .filter(manifest => !manifest.private)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const { stdout } = await promisify(execFile)(
    'npm',
    ['pack', '--json', '--pack-destination', folder, ...packages.map(({ name }) => `--workspace=${name}`)],
    { cwd: root, maxBuffer: 64 * 1024 * 1024 },
  );
  return (JSON.parse(stdout) as NpmPack[]).map(({ name, filename, size, unpackedSize, files, integrity }) => {
    const manifest = packages.find(candidate => candidate.name === name);
    if (!manifest) throw new Error(`npm packed ${name}, which is no package of this workspace.`);
    return {
      name,
      manifest,
      integrity,
      path: join(folder, filename),
      sizeBytes: size,
      installedBytes: unpackedSize,
      folder: join(root, 'packages', name.slice('@fieldfile/'.length)),
      files: files.map(file => file.path),
      needsSdk: hasSdk(manifest),
    };
  });
}
