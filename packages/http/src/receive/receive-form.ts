import type { StagedFile } from '@fieldfile/core';
import type { DeclaredFormField } from './form-fields.ts';
import { fileOfToken } from './form-token.ts';
import { type Part, partsOf } from './multipart.ts';
import type { Receiving, Values } from './receiving.ts';
import { refusedRequest } from './refused-request.ts';
import { RequestBody } from './request-body.ts';
import { textOf } from './text-of.ts';

/** Stores the files of a form and reads its texts, part by part. */
export async function receiveForm(receiving: Receiving, boundary: string): Promise<Values> {
  const { request, limits, fields, onProgress } = receiving;
  const values = new Map<string, (StagedFile | string)[]>();
  const uploaded = new Set<string>();
  const body = new RequestBody(request, limits, onProgress);
  for await (const part of partsOf(body, boundary, limits)) {
    const { name, filename } = part.header;
    const declared = fields.get(name);
    if (filename === undefined) {
      const value = await textValue(receiving, part, declared);
      // A file that was chosen goes before the one that the form had.
      if (value !== undefined && (declared?.isList || !uploaded.has(name))) add(values, name, value);
      continue;
    }
    const begun = await beginning(part.bytes);
    if (filename === '' && !begun) continue; // an input that nobody touched
    if (!declared?.file)
      throw refusedRequest('malformed-request', `The form has no field ${JSON.stringify(name)} with a file.`);
    if (uploaded.has(name) && !declared.isList)
      throw refusedRequest('too-many-files', `The form takes one file as ${JSON.stringify(name)}.`);
    uploaded.add(name);
    const { contentType, digests } = part.header;
    const upload = { name: filename, contentType, digests };
    add(values, name, await receiving.store(declared.file, begun ?? none(), upload));
  }
  return values;
}

/** A text, or the file that its token stands for. Undefined: it is passed over. */
async function textValue(
  { limits, tokens }: Receiving,
  part: Part,
  declared: DeclaredFormField | undefined,
): Promise<string | StagedFile | undefined> {
  const { name, contentType } = part.header;
  if (!declared && isHostile(name))
    throw refusedRequest('malformed-request', `No form has a field ${JSON.stringify(name)}.`);
  const text = await textOf(part.bytes, contentType, limits.maxTextBytes);
  if (!declared?.file) return declared && text;
  return text === '' ? undefined : fileOfToken(text, declared.file, tokens);
}

/** Names that reach an object's prototype where somebody makes objects of them. */
const isHostile = (name: string): boolean =>
  name.split(/[[\].]+/).some(segment => ['__proto__', 'constructor', 'prototype'].includes(segment));

function add<Value>(values: Map<string, Value[]>, name: string, value: Value): void {
  const found = values.get(name);
  if (found) found.push(value);
  else values.set(name, [value]);
}

/** The bytes, once there are any; undefined where there are none. */
async function beginning(bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array> | undefined> {
  const iterator = bytes[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return undefined;
  return (async function* () {
    try {
      yield first.value;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  })();
}

async function* none(): AsyncGenerator<Uint8Array> {}
