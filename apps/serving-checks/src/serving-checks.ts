import { allChecks } from './all-checks.ts';
import type { Check } from './check.ts';
import { hasNginx, nginxSite } from './servers/nginx.ts';
import { ours } from './servers/ours.ts';
import { rivalSite, rivals } from './servers/rivals.ts';
import { storages } from './servers/storages.ts';
import type { Site } from './site.ts';

// npm run checks --workspace=@fieldfile/serving-checks [-- --rivals]: asks servers every check, and prints who passes what.

const columns = new Map<string, ReadonlySet<string>>();

for (const [name, open] of Object.entries(storages)) {
  await using place = await open();
  await measure(`FieldFile on ${name}`, await ours(place.storage));
}
if (process.argv.includes('--rivals')) {
  for (const [name, make] of Object.entries(rivals)) await measure(name, await rivalSite(make));
  if (await hasNginx()) await measure('nginx', await nginxSite());
}
print();
process.exitCode = [...columns].some(
  ([name, passed]) => name.startsWith('FieldFile') && passed.size < allChecks.length,
)
  ? 1
  : 0;

async function measure(name: string, site: Site): Promise<void> {
  await using _ = site;
  const passed = new Set<string>();
  for (const { title, run } of allChecks) if (await passes(() => run(site))) passed.add(title);
  columns.set(name, passed);
}

function passes(run: () => Promise<void>): Promise<boolean> {
  return run().then(
    () => true,
    () => false,
  );
}

function print(): void {
  const servers = [...columns];
  const count = (which: (check: Check) => boolean): string[] => {
    const chosen = allChecks.filter(which);
    return servers.map(
      ([, passed]) => `${chosen.filter(({ title }) => passed.has(title)).length}/${chosen.length}`,
    );
  };
  const lines = [
    ['', ...servers.map(([name]) => name)],
    ['---', ...servers.map(() => ':-:')],
    ...allChecks.map(({ title }) => [title, ...servers.map(([, passed]) => (passed.has(title) ? '✓' : '–'))]),
    ['**the classic ones**', ...count(({ isClassic }) => isClassic)],
    ['**all of the standard**', ...count(({ duty }) => duty === 'standard')],
    ['**of user content**', ...count(({ duty }) => duty === 'user content')],
  ];
  for (const cells of lines) console.log(`| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`);
}
