import { invalid } from './gcs-error.ts';

type Selection = Map<string, Selection>;

/**
 * What `fields` selects of a resource: `items(name,size),nextPageToken` or `items/name`, `*` for everything.
 *
 * @see https://cloud.google.com/storage/docs/json_api#partial-response
 */
export function partialResponse(resource: unknown, fields: string | null): unknown {
  if (!fields) return resource;
  const tokens = fields.match(/[^,/()\s]+|[,/()]/g) ?? [];
  const selection = readPaths(tokens);
  if (tokens.length > 0) throw invalid(`Invalid field selection ${fields}`);
  return select(resource, selection);
}

// This and the next take what they read off the front of `tokens`.
function readPaths(tokens: string[]): Selection {
  const selection: Selection = new Map();
  do {
    const [name, inner] = readPath(tokens);
    selection.set(name, new Map([...(selection.get(name) ?? []), ...inner]));
  } while (tokens[0] === ',' && tokens.shift());
  return selection;
}

function readPath(tokens: string[]): [name: string, inner: Selection] {
  const name = tokens.shift();
  if (name === undefined || /[,/()]/.test(name)) throw invalid(`Invalid field selection ${name ?? ''}`);
  if (tokens[0] === '/') {
    tokens.shift();
    return [name, new Map([readPath(tokens)])];
  }
  if (tokens[0] === '(') {
    tokens.shift();
    const inner = readPaths(tokens);
    if (tokens.shift() !== ')') throw invalid(`Invalid field selection ${name}(`);
    return [name, inner];
  }
  return [name, new Map()];
}

function select(value: unknown, selection: Selection): unknown {
  if (selection.size === 0 || selection.has('*')) return value;
  if (Array.isArray(value)) return value.map(one => select(one, selection));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => selection.has(key))
      .map(([key, inner]) => [key, select(inner, selection.get(key) ?? new Map())]),
  );
}
