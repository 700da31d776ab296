import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

// Every page, heading and file that a page refers to is there. Silent when all is well.

const root = join(import.meta.dirname, '..');
const pages = globSync(['*.md', 'docs/*.md', '{packages,apps}/*/*.md'], { cwd: root }).map(page =>
  join(root, page),
);

for (const page of pages) {
  const text = withoutPrograms(readFileSync(page, 'utf8'));
  for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
    const [path = '', heading] = target.split('#');
    const file = path ? join(dirname(page), path) : page;
    if (!existsSync(file)) complain(page, target);
    else if (heading && !headingsOf(file).includes(heading)) complain(page, target);
  }
  for (const [, path = ''] of text.matchAll(/`((?:packages|apps|scripts)\/[\w/.-]+)`/g))
    if (!existsSync(join(root, path))) complain(page, path);
}

function withoutPrograms(markdown: string): string {
  return markdown.replace(/^```\w*\n.*?^```$/gms, '');
}

/** As GitHub names them in addresses. */
function headingsOf(file: string): string[] {
  return Array.from(withoutPrograms(readFileSync(file, 'utf8')).matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function complain(page: string, target: string): void {
  console.error(`${relative(root, page)}: there is no ${target}`);
  process.exitCode = 1;
}
