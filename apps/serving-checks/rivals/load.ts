/** A module as this folder's `node_modules` has it: who imports it from here needs none of them installed. */
export const load = (specifier: string): Promise<unknown> => import(specifier);
