import { refusedRequest } from './refused-request.ts';

/** `form-data; name="a"; filename="b.txt"`, taken apart. */
export interface HeaderParameters {
  /** In lower case. */
  readonly type: string;
  /** By their names in lower case. `filename*` is `filename`, and goes before it. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Takes a header with parameters apart, as browsers write it.
 *
 * @param bytes of the header, a character for each.
 *
 * A backslash is one, but before a quotation mark: browsers of old send whole paths of Windows. `%22` is a quotation mark,
 * and encoded line ends are dropped: the Web's own escapes for forms.
 *
 * @throws `malformed-request` for what is no such header, and for a parameter that is there twice.
 * @see https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
 */
export function parametersOf(bytes: string): HeaderParameters {
  const header = utf8(bytes);
  const [type = ''] = header.split(';', 1);
  const plain = new Map<string, string>();
  const extended = new Map<string, string>();
  for (let rest = header.slice(type.length); rest.trim() !== ''; ) {
    const [all, name = '', star] = /^\s*;\s*([!#$&+.^`|~\w-]+)(\*)?\s*=\s*/.exec(rest) ?? malformed();
    const { value, length } = rest[all.length] === '"' ? quoted(rest, all.length) : bare(rest, all.length);
    const found = star ? extended : plain;
    if (found.has(name.toLowerCase())) malformed();
    found.set(name.toLowerCase(), star ? decoded(value) : unescaped(value));
    rest = rest.slice(length);
  }
  return { type: type.trim().toLowerCase(), parameters: new Map([...plain, ...extended]) };
}

/** But tabs, which may stand in a header. */
export const hasControl = (value: string): boolean =>
  Array.from(value).some(character => (character < ' ' && character !== '\t') || character === '\x7f');

/** Browsers write UTF-8. What is none stays readable in the older encoding of the Web. */
function utf8(bytes: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octetsOf(bytes));
  } catch {
    return bytes;
  }
}

const octetsOf = (bytes: string): Uint8Array => Uint8Array.from(bytes, character => character.charCodeAt(0));

/** @returns the text between the quotation marks, and where it ends. */
function quoted(text: string, start: number): { readonly value: string; readonly length: number } {
  let value = '';
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    const escapes = character === '\\' && text[at + 1] === '"' && text.slice(at + 2).trim() !== '';
    if (escapes) value += text[++at];
    else if (character === '"') return { value, length: at + 1 };
    else value += character;
  }
  return malformed();
}

function bare(text: string, start: number): { readonly value: string; readonly length: number } {
  const [value] = /^[^\s";]+/.exec(text.slice(start)) ?? malformed();
  return { value, length: start + value.length };
}

const unescaped = (value: string): string => value.replace(/%0D|%0A/gi, '').replaceAll('%22', '"');

/** `UTF-8''na%C3%AFve.txt` (RFC 8187). */
function decoded(value: string): string {
  const [, charset = '', encoded = ''] = /^([\w-]+)'[\w-]*'(.*)$/.exec(value) ?? malformed();
  const label = charset.toLowerCase();
  if (!['utf-8', 'iso-8859-1'].includes(label) || /%(?![\da-f]{2})/i.test(encoded)) malformed();
  const bytes = encoded.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  // What is written without escapes is ASCII.
  if (/[^\0-\xff]/.test(bytes) || hasControl(bytes)) malformed();
  try {
    return new TextDecoder(label, { fatal: true }).decode(octetsOf(bytes));
  } catch {
    return malformed();
  }
}

function malformed(): never {
  throw refusedRequest('malformed-request', 'The parameters of a header cannot be read.');
}
