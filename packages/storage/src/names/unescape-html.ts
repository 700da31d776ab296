/**
 * The entities that are written for ASCII: the separators, dots, quotes and controls a file name could be attacked
 * with. Browsers send no others by name, only by number, for what the form's encoding lacks; so HTML's 2,200 further
 * names stay text, which is harmless.
 */
const ENTITIES: Readonly<Record<string, string>> = {
  Tab: '\t',
  NewLine: '\n',
  excl: '!',
  quot: '"',
  QUOT: '"',
  num: '#',
  dollar: '$',
  percnt: '%',
  amp: '&',
  AMP: '&',
  apos: "'",
  lpar: '(',
  rpar: ')',
  ast: '*',
  midast: '*',
  plus: '+',
  comma: ',',
  period: '.',
  sol: '/',
  colon: ':',
  semi: ';',
  lt: '<',
  LT: '<',
  equals: '=',
  gt: '>',
  GT: '>',
  quest: '?',
  commat: '@',
  lsqb: '[',
  lbrack: '[',
  bsol: '\\',
  rsqb: ']',
  rbrack: ']',
  Hat: '^',
  lowbar: '_',
  UnderBar: '_',
  grave: '`',
  DiacriticalGrave: '`',
  lcub: '{',
  lbrace: '{',
  verbar: '|',
  vert: '|',
  VerticalLine: '|',
  rcub: '}',
  rbrace: '}',
};

/** By number, by name, or one of the names that HTML takes without its `;`. */
const ENTITY = new RegExp(
  `&(?:#[xX]([0-9a-fA-F]+);?|#(\\d+);?|(${Object.keys(ENTITIES).join('|')});|(amp|AMP|lt|LT|gt|GT|quot|QUOT))`,
  'g',
);

/**
 * Replaces HTML character references once, as a browser would: `..&#x2F;a&sol;b` → `../a/b`.
 *
 * @see https://html.spec.whatwg.org/multipage/named-characters.html
 */
export function unescapeHtml(text: string): string {
  return text.replace(
    ENTITY,
    (entity, hexadecimal?: string, decimal?: string, name?: string, shortName?: string) => {
      if (hexadecimal !== undefined) return fromCodePoint(Number.parseInt(hexadecimal, 16));
      if (decimal !== undefined) return fromCodePoint(Number.parseInt(decimal, 10));
      return ENTITIES[name ?? shortName ?? ''] ?? entity;
    },
  );
}

function fromCodePoint(code: number): string {
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : '\ufffd';
}
