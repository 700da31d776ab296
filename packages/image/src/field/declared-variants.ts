import type { FieldOptions } from '@fieldfile/core';
import { checkedVariant, type VariantOptions } from '../variants/variant-options.ts';

/**
 * What a field derives, for core.
 *
 * @throws `invalid-argument`.
 */
export function declaredVariants(
  variants: Readonly<Record<string, VariantOptions>>,
  storage: FieldOptions<object>['storage'],
): NonNullable<FieldOptions<object>['derived']> {
  for (const [name, variant] of Object.entries(variants)) checkedVariant(variant, `The variant ${name}`);
  return { kinds: variants, ...(storage ? { storage } : {}) };
}
