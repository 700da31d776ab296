/** What a package needs that makes objects of a field's objects, as variants of images. Applications need none of it. */
export { DERIVED, lockOf, originalOf } from './derived/derived-names.ts';
export type { DerivedOptions, EnqueueDerived, JobMoment } from './derived/derived-options.ts';
export {
  type Deriving,
  deriving,
  type Making,
  type OriginalContent,
  type StoreDerivedOptions,
} from './derived/deriving.ts';
