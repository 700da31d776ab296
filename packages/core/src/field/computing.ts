import {
  type CallOptions,
  FieldFileError,
  isFieldFileError,
  type Source,
  type Storage,
} from '@fieldfile/storage';
import { toSource } from '@fieldfile/storage/backend';
import { disposing } from '@fieldfile/storage/internal';
import type { ComputedContent, ComputedValues } from './computed-columns.ts';
import type { DeclaredField } from './declared-field.ts';
import { inspecting } from './inspecting.ts';
import type { InspectedContent } from './inspection.ts';
import type { DescribedContent } from './named-content.ts';

type About = Omit<InspectedContent, 'signal'>;

/**
 * Computes a field's columns of content. What can be read twice is read first, as far as it takes, and given back as it was,
 * so that a file can still be renamed or cloned. Of a stream they are computed while it is stored, and its last bytes are
 * withheld until they are known.
 *
 * @throws `not-accepted`, `not-inspected`; of a stream while it is read.
 */
export async function computing(
  source: Source,
  field: DeclaredField,
  named: DescribedContent,
  { signal }: CallOptions,
): Promise<ComputedContent> {
  const about = {
    field: field.label,
    filename: named.originalName,
    contentType: named.contentType,
    sizeBytes: named.sizeBytes ?? source.sizeBytes,
  };
  let values: ComputedValues | undefined;
  if (source.bytes || source.replayable || source.local) {
    const chunks = source.bytes ? toSource(source.bytes, { operation: 'save' }).open() : source.open(signal);
    values = await computedOf(chunks, field, about);
    return { source, values: () => values };
  }
  const inspect = async (content: AsyncIterable<Uint8Array>, given: InspectedContent): Promise<undefined> => {
    values = await field.computed?.compute(content, given);
  };
  return { source: inspecting(source, { inspect }, about), values: () => values };
}

export async function computingObject(
  storage: Storage,
  name: string,
  field: DeclaredField,
  options: CallOptions,
): Promise<ComputedValues | undefined> {
  const opened = await storage.open(name, options);
  return disposing(opened, ({ stream, info }) =>
    computedOf(toSource(stream, { operation: 'open', field: field.label }).open(), field, {
      field: field.label,
      filename: name.slice(name.lastIndexOf('/') + 1),
      contentType: info.contentType,
      sizeBytes: info.sizeBytes,
    }),
  );
}

async function computedOf(
  chunks: AsyncIterable<Uint8Array>,
  field: DeclaredField,
  about: About,
): Promise<ComputedValues | undefined> {
  const ended = new AbortController();
  let broken: { readonly error: unknown } | undefined;
  async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* chunks;
    } catch (error) {
      broken = { error };
      throw error;
    }
  }
  const content = watched();
  try {
    return await field.computed?.compute(content, { ...about, signal: ended.signal });
  } catch (error) {
    if (broken) throw broken.error;
    if (isFieldFileError(error, 'not-accepted')) throw error;
    throw notComputed(about, error);
  } finally {
    ended.abort();
    await content.return();
  }
}

const notComputed = ({ field, filename }: About, cause: unknown): FieldFileError =>
  new FieldFileError(
    'not-inspected',
    `The columns of ${field} could not be computed of ${JSON.stringify(filename)}. Nothing was stored; try again.`,
    { operation: 'inspect', field, name: filename, applied: false, cause },
  );
