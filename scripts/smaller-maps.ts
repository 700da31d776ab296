import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';
import type { Plugin } from 'rolldown';
import { parseSync } from 'rolldown/utils';

/**
 * Source maps that carry their sources, at a third of the size: they tell lines and not columns, and the sources are
 * without doc comments, which the declarations have, and with half of their indentation. Lines are those of the repository.
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
          sourcesContent: map.sourcesContent.map(shortened),
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

function shortened(source: string): string {
  let text = source;
  for (const { type, value, start, end } of parseSync('source.ts', source).comments.toReversed())
    if (type === 'Block' && value.startsWith('*'))
      text = text.slice(0, start) + '\n'.repeat(value.split('\n').length - 1) + text.slice(end);
  return text.replace(/[ \t]+$/gm, '').replace(/^(?: {2})+/gm, indent => ' '.repeat(indent.length / 2));
}
