/**
 * Whether a class's source declares an instance field of that name.
 *
 * Fields are defined on each instance when it is constructed, where no accessor can see them, and a class cannot be
 * asked for them without constructing one: so its source is read. What decorators or minifiers hide from this is
 * detected when a row is used.
 *
 * @param source as `Function.prototype.toString` gives it; nothing but a class has fields.
 */
export function hasClassField(source: string, name: string): boolean {
  if (!/^class\b/.test(source)) return false;
  const members = classLevel(source);
  const escaped = name.replace(/[$\\]/g, '\\$&');
  return new RegExp(`(?:^|[;}\\n])\\s*${escaped}\\s*(?:[=;\\n}]|$)`).test(members);
}

/**
 * The text of a class body without what is nested in it: blocks, parameters and initialisers in brackets are left out
 * (they leave a bracket), comments and texts altogether.
 */
function classLevel(source: string): string {
  let level = '';
  let depth = 0;
  let index = source.indexOf('{', heritageEnd(source));
  for (; index < source.length; index++) {
    const skipped = skipOpaque(source, index);
    if (skipped > index) {
      index = skipped - 1;
      continue;
    }
    const character = source[index] as string;
    if ('{(['.includes(character)) {
      if (depth === 1) level += '('; // what follows a name tells a method from a field
      depth++;
    } else if ('})]'.includes(character)) {
      depth--;
      if (depth === 1 && character === '}') level += '}';
    } else if (depth === 1) level += character;
  }
  return level;
}

/** Where the body may begin: behind the brackets of `extends mixin({ … })`, if any. */
function heritageEnd(source: string): number {
  const call = /^class\b[^{(]*\(/.exec(source);
  if (!call) return 0;
  let depth = 0;
  for (let index = call[0].length - 1; index < source.length; index++) {
    if (source[index] === '(') depth++;
    else if (source[index] === ')' && --depth === 0 && !/^\s*\(/.test(source.slice(index + 1))) return index;
  }
  return 0;
}

/** The end of a comment, text, template or regular expression that begins at `index`; `index` when none does. */
function skipOpaque(source: string, index: number): number {
  const rest = source.slice(index, index + 2);
  if (rest === '//') return end(source.indexOf('\n', index), source);
  if (rest === '/*') return end(source.indexOf('*/', index + 2) + 1, source) + 1;
  const quote = source[index] as string;
  if (quote === '/') {
    if (
      !/(?:^|[=(,:;!&|?{}[+\-*%~^<>\n]|\breturn|\btypeof)\s*$/.test(
        source.slice(Math.max(0, index - 12), index),
      )
    )
      return index;
  } else if (!'\'"`'.includes(quote)) return index;
  let inClass = false;
  for (let at = index + 1; at < source.length; at++) {
    const character = source[at];
    if (character === '\\') at++;
    else if (quote === '/' && character === '[') inClass = true;
    else if (quote === '/' && character === ']') inClass = false;
    else if (quote === '/' && character === '\n')
      return index; // a division after all
    else if (character === quote && !inClass) return at + 1;
  }
  return source.length;
}

const end = (found: number, source: string): number => (found < 0 ? source.length : found);
