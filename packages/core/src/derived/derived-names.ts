/** The folder of all derived objects of a storage. */
export const DERIVED = 'fieldfile-derived/';

/** What is derived of an object, whichever bytes that had: a folder that has its name. */
export const derivedFolder = (original: string): string => `${DERIVED}${original}/`;

/**
 * The name of a derived object. It says of which object it is made, of which content of it, and what was made: so it never
 * stands for anything else.
 */
export const derivedName = (original: string, identity: string, file: string): string =>
  `${derivedFolder(original)}${identity}/${file}`;

/** The object that whoever makes a derived one holds meanwhile, so that nobody else makes it. */
export const lockOf = (name: string): string => `${name}.lock`;

/** The object that a derived one is made of; undefined for any other object. */
export function originalOf(name: string): string | undefined {
  if (!name.startsWith(DERIVED)) return undefined;
  const segments = name.slice(DERIVED.length).split('/');
  return segments.length < 3 ? undefined : segments.slice(0, -2).join('/');
}
