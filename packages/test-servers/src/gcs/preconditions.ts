import type { IncomingHttpHeaders } from 'node:http';
import { invalid, notModified, preconditionFailed } from './gcs-error.ts';

/** The generation and metageneration a request asks for. Generation 0 stands for "no live object". */
export interface Preconditions {
  readonly generationMatch?: bigint | undefined;
  readonly generationNotMatch?: bigint | undefined;
  readonly metagenerationMatch?: bigint | undefined;
  readonly metagenerationNotMatch?: bigint | undefined;
}

interface Versioned {
  readonly generation: bigint;
  readonly metageneration: bigint;
}

/** Reads `ifGenerationMatch` and its siblings, or `ifSourceGenerationMatch` and its own. */
export function preconditionsOfQuery(
  query: URLSearchParams,
  prefix: 'if' | 'ifSource' = 'if',
): Preconditions {
  const read = (name: string) => integer(`${prefix}${name}`, query.get(`${prefix}${name}`));
  return {
    generationMatch: read('GenerationMatch'),
    generationNotMatch: read('GenerationNotMatch'),
    metagenerationMatch: read('MetagenerationMatch'),
    metagenerationNotMatch: read('MetagenerationNotMatch'),
  };
}

/** Reads the XML API's `x-goog-if-generation-match` and `x-goog-if-metageneration-match`. */
export function preconditionsOfHeaders(headers: IncomingHttpHeaders): Preconditions {
  const read = (name: string) => integer(name, headers[name]);
  return {
    generationMatch: read('x-goog-if-generation-match'),
    metagenerationMatch: read('x-goog-if-metageneration-match'),
  };
}

/** Throws 412 when one of the conditions does not hold for what is there now. */
export function checkBeforeWrite(current: Versioned | undefined, conditions: Preconditions): void {
  if (failed(current, conditions) !== undefined) throw preconditionFailed();
}

/** Throws 412 when a wanted version is not there, 304 when an unwanted one is. */
export function checkBeforeRead(current: Versioned, conditions: Preconditions): void {
  const failure = failed(current, conditions);
  if (failure === 'match') throw preconditionFailed();
  if (failure === 'not-match') throw notModified();
}

function failed(current: Versioned | undefined, wanted: Preconditions): 'match' | 'not-match' | undefined {
  const generation = current?.generation ?? 0n;
  const metageneration = current?.metageneration;
  if (wanted.generationMatch !== undefined && wanted.generationMatch !== generation) return 'match';
  if (wanted.metagenerationMatch !== undefined && wanted.metagenerationMatch !== metageneration)
    return 'match';
  if (wanted.generationNotMatch === generation) return 'not-match';
  if (wanted.metagenerationNotMatch !== undefined && wanted.metagenerationNotMatch === metageneration) {
    return 'not-match';
  }
  return undefined;
}

/** The integer a parameter holds, or undefined when it is not given; anything else is a 400. */
export function integer(name: string, text: string | string[] | null | undefined): bigint | undefined {
  if (text === null || text === undefined) return undefined;
  if (typeof text === 'string' && /^\d{1,19}$/.test(text)) return BigInt(text);
  throw invalid(`Invalid value for ${name}: '${text}'. It must be an integer.`);
}
