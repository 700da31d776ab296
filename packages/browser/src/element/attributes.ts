/** Attributes that are there or not, and those that have a text. Each is a property of its name, too. */
export const FLAGS = ['multiple', 'required', 'disabled'] as const;
export const STRINGS = ['name', 'claim', 'tus', 'accept', 'label'] as const;

/** Gives elements of a class their properties. */
export function reflectAttributes(prototype: HTMLElement): void {
  for (const name of STRINGS)
    Object.defineProperty(prototype, name, {
      get(this: HTMLElement): string {
        return this.getAttribute(name) ?? '';
      },
      set(this: HTMLElement, value: unknown) {
        if (value === null || value === undefined) this.removeAttribute(name);
        else this.setAttribute(name, String(value));
      },
      enumerable: true,
    });
  for (const name of FLAGS)
    Object.defineProperty(prototype, name, {
      get(this: HTMLElement): boolean {
        return this.hasAttribute(name);
      },
      set(this: HTMLElement, value: unknown) {
        this.toggleAttribute(name, Boolean(value));
      },
      enumerable: true,
    });
}

/** A framework may have set a property before the element was known: it is set as if it had been known. */
export function takeEarlyProperties(element: HTMLElement, names: readonly string[]): void {
  for (const name of names) {
    const own = Object.getOwnPropertyDescriptor(element, name);
    if (!own) continue;
    delete (element as unknown as Record<string, unknown>)[name];
    Object.assign(element, { [name]: own.value });
  }
}
