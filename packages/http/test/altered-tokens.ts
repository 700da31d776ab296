const ALPHABET = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/% \n'];

/**
 * Texts that are near to the given tokens and none of them: a character changed, left out, added or moved, parts of two
 * put together, bits turned in what the base64 says. The same ones every time.
 */
export function* alteredTokens(tokens: readonly string[], count: number): Generator<string> {
  const random = generator(20_260_101);
  const genuine = new Set(tokens);
  for (let made = 0; made < count; ) {
    const token = pick(tokens, random);
    const altered = pick(ALTERATIONS, random)(token, random, tokens);
    if (genuine.has(altered)) continue;
    made++;
    yield altered;
  }
}

type Random = (below: number) => number;

const pick = <T>(values: readonly T[], random: Random): T => values[random(values.length)] as T;

const splice = (text: string, at: number, remove: number, add = ''): string =>
  text.slice(0, at) + add + text.slice(at + remove);

const ALTERATIONS: readonly ((token: string, random: Random, tokens: readonly string[]) => string)[] = [
  (token, random) => splice(token, random(token.length), 1, pick(ALPHABET, random)),
  (token, random) => splice(token, random(token.length), 1),
  (token, random) => splice(token, random(token.length + 1), 0, pick(ALPHABET, random)),
  (token, random) => token.slice(0, random(token.length)),
  token => token + token,
  (token, random) => {
    const at = random(token.length - 1);
    return splice(token, at, 2, `${token[at + 1]}${token[at]}`);
  },
  (token, random, tokens) => `${token.split('.')[0]}.${pick(tokens, random).split('.')[1]}`,
  (token, random) => {
    const [payload = '', mac = ''] = token.split('.');
    const part = Buffer.from(random(2) === 0 ? payload : mac, 'base64url');
    const at = random(part.length);
    part[at] = (part[at] ?? 0) ^ (1 << random(8));
    const text = part.toString('base64url');
    return random(2) === 0 ? `${text}.${mac}` : `${payload}.${text}`;
  },
  (token, random) => {
    const at = random(token.length);
    const letter = token[at] ?? '';
    return splice(
      token,
      at,
      1,
      letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
    );
  },
];

/** Mulberry32: numbers that are the same in every run. */
function generator(seed: number): Random {
  let state = seed;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
