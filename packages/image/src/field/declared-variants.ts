import type { FieldOptions } from '@fieldfile/core';
import { enqueueTo, type VariantQueue } from '../queue/variant-queue.ts';
import { checkedVariant, type VariantOptions } from '../variants/variant-options.ts';

/** What a field says of variants. */
export interface VariantFieldOptions<Row extends object> {
  /** What can be made of its files, by name, for `ImageVariants`. An empty object allows other transformations alone. */
  readonly variants?: Readonly<Record<string, VariantOptions>>;
  /** Where variants are kept. Default: the field's storage. */
  readonly variantStorage?: NonNullable<FieldOptions<Row>['storage']>;
  /**
   * Builds declared variants of each file that a row gets: `InProcessQueue`, `PgBossQueue`, or one of your own. Default: none,
   * variants are built when they are first asked for.
   */
  readonly queue?: VariantQueue;
}

type Given<Options> = { readonly [Name in keyof Options]: Options[Name] | undefined };

/**
 * What a field derives, for core.
 *
 * @throws `invalid-argument`.
 */
export function declaredVariants<Row extends object>({
  variants = {},
  variantStorage,
  queue,
}: Given<VariantFieldOptions<Row>>): NonNullable<FieldOptions<Row>['derived']> {
  for (const [name, variant] of Object.entries(variants)) checkedVariant(variant, `The variant ${name}`);
  return {
    kinds: variants,
    ...(variantStorage ? { storage: variantStorage } : {}),
    ...(queue ? { enqueue: enqueueTo(queue) } : {}),
  };
}
