import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';
import type { Plugin } from 'rolldown';
import { parseSync } from 'rolldown/utils';

/**
 * Source maps that carry their sources, at a third of the size: they tell lines and not columns, and the sources are
 * without doc comments and imports of types, which the declarations have. Lines are those of the repository.
 */
export function smallerMaps(): Plugin {
  return {
    name: 'smaller-maps',
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'asset' || !file.fileName.endsWith('.map')) continue;
        const map = JSON.parse(String(file.source)) as {
          readonly mappings: string;
          readonly sourcesContent: readonly string[];
        };
        file.source = JSON.stringify({
          ...map,
          names: [],
          mappings: encode(decode(map.mappings).map(onlyLines)),
          sourcesContent: map.sourcesContent.map(withoutDeclared),
        });
      }
    },
  };
}

/** The first place of each source line that a line of the built file has. */
function onlyLines(segments: readonly SourceMapSegment[]): SourceMapSegment[] {
  const kept: SourceMapSegment[] = [];
  let before = '';
  for (const [column, source, line] of segments) {
    const here = `${source}:${line}`;
    if (source === undefined || line === undefined || here === before) continue;
    kept.push([column, source, line, 0]);
    before = here;
  }
  return kept;
}

function withoutDeclared(source: string): string {
  const { comments, program } = parseSync('source.ts', source);
  const left = [
    ...comments.filter(({ type, value }) => type === 'Block' && value.startsWith('*')),
    ...program.body.filter(node => node.type === 'ImportDeclaration' && node.importKind === 'type'),
  ].sort((one, other) => other.start - one.start);
  let text = source;
  for (const { start, end } of left)
    text = text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, '') + text.slice(end);
  return text.replace(/[ \t]+$/gm, '');
}
