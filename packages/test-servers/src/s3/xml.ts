import { S3Error } from './s3-error.ts';

/** A piece of finished XML, as {@link element} makes it; plain strings are text and get escaped. */
export interface XmlFragment {
  readonly xml: string;
}

/** One XML element. Undefined content is left out, so that optional children read as expressions. */
export function element(
  name: string,
  ...content: readonly (XmlFragment | string | number | boolean | undefined)[]
): XmlFragment {
  const inner = content
    .filter(piece => piece !== undefined)
    .map(piece => (typeof piece === 'object' ? piece.xml : escapeText(String(piece))))
    .join('');
  return { xml: `<${name}>${inner}</${name}>` };
}

/** A whole document in S3's namespace. */
export function xmlDocument(name: string, ...content: readonly XmlFragment[]): string {
  const inner = content.map(piece => piece.xml).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</${name}>`;
}

function escapeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: S3 answers control characters in keys as references
  return text.replace(/[&<>"\u0000-\u001f\u007f]/g, character => {
    const named = NAMED[character];
    return named ?? `&#x${character.charCodeAt(0).toString(16)};`;
  });
}

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A parsed element: S3's requests have no attributes that matter and no mixed content. */
export class XmlNode {
  readonly name: string;
  readonly children: XmlNode[] = [];
  text = '';

  constructor(name: string) {
    this.name = name;
  }

  all(name: string): readonly XmlNode[] {
    return this.children.filter(child => child.name === name);
  }

  /** Text of the first child of that name. */
  value(name: string): string | undefined {
    return this.all(name)[0]?.text;
  }
}

const TOKEN =
  /<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<(\/?)([^\s/>]+)([^>]*?)(\/?)>|([^<]+)/y;

/**
 * Parses the small documents S3 takes as request bodies.
 *
 * @throws `MalformedXML`
 */
export function parseXml(source: string, rootName: string): XmlNode {
  const top = new XmlNode('');
  const open = [top];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const token = TOKEN.exec(source);
    const parent = open.at(-1);
    if (token === null || parent === undefined) throw malformed();
    const [, characterData, closing, name, , selfClosing, text] = token;
    if (characterData !== undefined) parent.text += characterData;
    else if (text !== undefined) parent.text += unescapeText(text);
    else if (name !== undefined && closing === '/') {
      if (parent.name !== localName(name)) throw malformed();
      open.pop();
    } else if (name !== undefined) {
      const node = new XmlNode(localName(name));
      parent.children.push(node);
      if (selfClosing !== '/') open.push(node);
    }
  }
  const [root] = top.children;
  if (open.length !== 1 || root?.name !== rootName) throw malformed();
  return root;
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

function unescapeText(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#([0-9]+)|(\w+));/gi, (_, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number.parseInt(decimal, 10));
    const character = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[name as string];
    if (character === undefined) throw malformed();
    return character;
  });
}

function malformed(): S3Error {
  return new S3Error(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}
