import type { CallOptions, Storage } from '@fieldfile/storage';
import { originalOf } from '../derived/derived-names.ts';
import type { Field } from '../field/field.ts';
import { isReferenced } from '../journal/references.ts';

/** Which derived objects go with an object that a row names: these are no orphans. */
export class DerivedOfRows {
  readonly #fields: readonly Field[];
  readonly #options: CallOptions;
  /** The last original: a listing gives all that is derived of one object together. */
  #last: { readonly original: string; readonly isNamed: boolean } | undefined;

  constructor(storage: Storage, fields: readonly Field[], options: CallOptions) {
    this.#fields = fields.filter(({ derived }) => derived?.storage.id === storage.id);
    this.#options = options;
  }

  async isKept(name: string): Promise<boolean> {
    const original = originalOf(name);
    if (original === undefined) return false;
    if (this.#last?.original !== original) this.#last = { original, isNamed: await this.#isNamed(original) };
    return this.#last.isNamed;
  }

  async #isNamed(original: string): Promise<boolean> {
    for (const id of new Set(this.#fields.map(({ storage }) => storage.id)))
      if (await isReferenced(this.#fields, id, original, this.#options)) return true;
    return false;
  }
}
