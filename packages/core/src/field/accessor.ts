import { hasClassField } from './class-field.ts';
import type { Field } from './field.ts';
import type { FileInput } from './field-file.ts';
import type { ClassOf } from './model.ts';
import { shadowedField } from './shadowed-field.ts';

/**
 * Gives a class the accessor over a field, unless one was written out.
 *
 * @throws `shadowed-field` when the class declares a field of that name, which every instance would have as its own.
 */
export function installAccessor(model: ClassOf<object>, field: Field): void {
  for (
    let level: unknown = model;
    typeof level === 'function' && level !== Function.prototype;
    level = Object.getPrototypeOf(level)
  )
    if (hasClassField(Function.prototype.toString.call(level), field.name))
      throw shadowedField(model.name, field.name);
  if (field.name in model.prototype) return;
  Object.defineProperty(model.prototype, field.name, {
    configurable: true,
    enumerable: true,
    get(this: object) {
      return this === model.prototype ? undefined : field.get(this);
    },
    set(this: object, input: FileInput) {
      field.set(this, input);
    },
  });
}
