import type { CallOptions, Source, Storage } from '@fieldfile/storage';
import type { ComputedContent, ComputedValues } from './computed-columns.ts';
import type { DeclaredField } from './declared-field.ts';
import type { DescribedContent } from './named-content.ts';

/** Most fields compute nothing. Kept: an `import()` of what is loaded already still looks for it. */
let loading: Promise<typeof import('./computing.ts')> | undefined;

function loaded(): Promise<typeof import('./computing.ts')> {
  loading ??= import('./computing.ts');
  return loading;
}

/**
 * Content with the columns that its field computes of it. Use the source that comes back.
 *
 * @throws `not-accepted`, `not-inspected`; of a stream while it is read.
 */
export async function computedContent(
  source: Source,
  field: DeclaredField,
  named: DescribedContent,
  options: CallOptions,
): Promise<ComputedContent> {
  if (!field.computed) return { source, values: () => undefined };
  const { computing } = await loaded();
  return computing(source, field, named, options);
}

/** Of an object that is stored already: reads it as far as it takes. */
export async function computedOfObject(
  storage: Storage,
  name: string,
  field: DeclaredField,
  options: CallOptions,
): Promise<ComputedValues | undefined> {
  if (!field.computed) return undefined;
  const { computingObject } = await loaded();
  return computingObject(storage, name, field, options);
}
